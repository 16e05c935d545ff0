/// Where BigPanda's API is: an address to which paths are appended.
package struct BaseURL: Sendable, Equatable {
    /// The address, without a slash at its end.
    package let text: String
    /// Whether calls go without TLS, which only loopback addresses allow.
    package let isPlain: Bool
    /// Whether it names this machine, however its resolver is set up.
    package let isLoopback: Bool

    /// The longest address that is taken, in bytes: no real one comes near.
    package static let bytesMax = 2_048

    /// Checks an address that somebody typed.
    ///
    /// `https`, or `http` to this machine itself for stubs and local proxies; no user, query or
    /// fragment, as these would not survive a path being appended.
    /// - Throws: What is wrong with it.
    package init(_ text: String) throws(BaseURLError) {
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        // Source: RFC 3986, section 2; anything else has no place in a URI unencoded.
        guard text.utf8.allSatisfy(Self.allowed.contains) else { throw .badCharacter }
        let scheme = try Self.scheme(of: text)
        let rest = text.dropFirst(scheme.utf8.count)
        guard !rest.contains("?"), !rest.contains("#") else { throw .hasQueryOrFragment }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw .hasUser }
        guard let host = URLAuthority(authority)?.host.lowercased() else { throw .badHost }
        isPlain = scheme == "http://"
        isLoopback = Self.isLoopback(host)
        guard !isPlain || isLoopback else { throw .plainBeyondLoopback }
        var path = rest.dropFirst(authority.count)
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !segments.contains("."), !segments.contains("..") else { throw .badPath }
        while path.hasSuffix("/") { path.removeLast() }
        self.text = scheme + authority + path
    }

    private static let allowed = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%".utf8
    )

    private static func scheme(of text: String) throws(BaseURLError) -> String {
        let start = text.prefix("https://".utf8.count).lowercased()
        if start == "https://" { return start }
        guard start.hasPrefix("http://") else { throw .badScheme }
        return "http://"
    }

    /// Source: RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3; RFC 6761, section 6.3.
    private static func isLoopback(_ host: String) -> Bool {
        guard host != "localhost", host != "::1" else { return true }
        // All four numbers: `127.example.org` is a name, and anybody's.
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { $0.utf8.count <= 3 && UInt8($0) != nil }
    }
}

/// What is wrong with an address for BigPanda's API.
package enum BaseURLError: Error, Sendable, Equatable, CaseIterable, CustomStringConvertible {
    case tooLong
    case badCharacter
    case badScheme
    case plainBeyondLoopback
    case hasUser
    case hasQueryOrFragment
    case badHost
    case badPath

    /// What to do about it, to be read after the field's name.
    package var description: String {
        switch self {
        case .tooLong: "must be at most \(BaseURL.bytesMax) bytes long."
        case .badCharacter: "must be an address without blanks and other unusual characters."
        case .badScheme: "must begin with https://."
        case .plainBeyondLoopback:
            "must begin with https://; http:// is only for 127.0.0.1, ::1 and localhost."
        case .hasUser: "must not name a user; the API key is given by itself."
        case .hasQueryOrFragment: "must not contain ? or #."
        case .badHost: "must name a host, with a port of 1 to 65535 if any."
        case .badPath: "must not contain . or .. as a segment."
        }
    }
}

/// One of BigPanda's data centres.
///
/// Source: docs/bigpanda.md, "Base URLs".
package enum BigPandaRegion: String, Sendable, CaseIterable {
    /// The United States.
    case us
    /// The European Union.
    case eu

    /// Where its API is; a `BaseURL`.
    package var baseURL: String {
        switch self {
        case .us: "https://api.bigpanda.io"
        case .eu: "https://eu-api.bigpanda.io"
        }
    }
}
