import BigPanda
import HTTPServer

/// Where webhooks of an endpoint go, as somebody gave it.
enum EndpointURL {
    /// Bytes of an endpoint's URL: what common servers take of a request line.
    static let bytesMax = 2048

    /// What every endpoint's URL matches, for the API's document: a regular expression of ECMA-262.
    ///
    /// It is what `check` asks for but the meaning of numbers: ports and addresses.
    static let pattern =
        "^[Hh][Tt][Tt][Pp][Ss]?://" + #"([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|"#
        + #"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\])(:[0-9]{1,5})?([/?][!$-;=?-\[\]_a-z~]*)?$"#

    /// Why a URL can't be an endpoint's; a code of the API and a sentence.
    struct Problem: Error, Equatable {
        let code: String
        let reason: String

        init(_ reason: String, code: String = "invalid_field") {
            self.code = code
            self.reason = reason
        }
    }

    /// Whether a URL is without TLS.
    static func isPlain(_ url: String) -> Bool { url.lowercased().hasPrefix("http://") }

    /// Checks a URL as far as that goes without resolving its name.
    static func check(_ url: String, _ policy: AddressPolicy) throws(Problem) {
        let lowercased = url.lowercased()
        guard lowercased.hasPrefix("https://") || isPlain(url) else {
            throw Problem("must be an https:// URL.")
        }
        guard url.utf8.count <= bytesMax else {
            throw Problem("must have at most \(bytesMax) characters, not \(url.utf8.count).")
        }
        if let stranger = url.unicodeScalars.first(where: { !isAllowed($0) }) {
            throw Problem("must not contain \(name(of: stranger)); write it percent-encoded.")
        }
        let authority = authority(of: url)
        guard !authority.contains("@") else {
            throw Problem("must be without user and password.")
        }
        guard let named = URLAuthority(authority),
            !named.isBracketed || IPAddress.bytes(of: named.host) != nil
        else {
            let seen = authority.isEmpty ? "nothing" : "\(authority)"
            throw Problem("must name a host, with a port of 1 to 65535 if any, not \(seen).")
        }
        let host = named.host
        guard !isPlain(url) || policy.allowsPrivate else {
            throw Problem("must be an https:// URL.", code: "insecure_url")
        }
        guard let address = IPAddress.bytes(of: host) else { return }
        guard policy.admits(address, isPlain: isPlain(url)) else {
            throw Problem(
                "\(host) is no address that webhooks may be posted to; "
                    + "\(Setting.webhookAllowPrivate.variable) can allow it.",
                code: "address_refused")
        }
    }

    /// The URL without what may be secret in it: path and query, which chat tools take for proof.
    static func masked(_ url: String) -> String {
        let scheme = isPlain(url) ? "http" : "https"
        return "\(scheme)://\(authority(of: url))/…"
    }

    /// Source: RFC 3986, section 2, without the fragment, which no server is sent.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        (0x21...0x7E).contains(scalar.value) && !"\"<>\\^`{|}#".unicodeScalars.contains(scalar)
    }

    private static func name(of scalar: Unicode.Scalar) -> String {
        let isVisible = (0x21...0x7E).contains(scalar.value)
        return isVisible ? "\(scalar)" : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }

    private static func authority(of url: String) -> Substring {
        guard let start = url.firstRange(of: "://")?.upperBound else { return "" }
        let rest = url[start...]
        return rest[..<(rest.firstIndex { "/?".contains($0) } ?? rest.endIndex)]
    }
}
