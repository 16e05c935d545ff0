import JSON

/// Finds the page about an incident that a person can open.
enum LinkReader {
    /// The best `http` or `https` link that is not one of the API's own, if there is any.
    ///
    /// `links` is an object `{rel, href}`, an array of such or of addresses, or a map from a name
    /// to an address.
    static func page(of incident: JSONValue) -> String? {
        guard let links = incident["links"] else { return nil }
        var best: (link: String, rank: Int)?
        for (name, link) in candidates(in: links) {
            let rank = rank(link, name)
            if rank > best?.rank ?? 0 { best = (link, rank) }
        }
        return best?.link
    }

    private static func candidates(in links: JSONValue) -> [(name: String, link: String)] {
        var found: [(String, String)] = []
        func add(_ name: String, _ value: JSONValue?) {
            guard let value, let count = value.stringByteCount,
                count <= PayloadLimits.linkBytesMax, let link = value.string,
                isWebAddress(link)
            else { return }
            found.append((name, link))
        }
        func add(_ link: JSONValue) {
            if link.kind == .string { return add("", link) }
            add(link["rel"]?.word ?? "", link["href"] ?? link["url"])
        }
        if let list = links.array {
            // As many as any incident has; the rest is noise.
            for link in list.prefix(PayloadLimits.tagListMax) { add(link) }
        } else if links["href"] != nil || links["url"] != nil || links.kind == .string {
            add(links)
        } else if let members = links.object {
            for member in members.prefix(PayloadLimits.tagListMax) {
                add(member.name(scalarsMax: PayloadLimits.statusScalarsMax), member.value)
            }
        }
        return found
    }

    /// How much a link looks like the incident's page; 0 for an address of the API.
    private static func rank(_ link: String, _ name: String) -> Int {
        let (host, path) = split(link)
        guard !path.hasPrefix("/resources/"), !host.hasPrefix("api."), !host.hasPrefix("eu-api.")
        else { return 0 }
        // The console's own pages: <https://a.bigpanda.io/#/app/overview/…/incidents/…>.
        if path.hasPrefix("/#/app/"), contains(path, "/incidents/") {
            return path.hasSuffix("/timeline") ? 4 : 5
        }
        switch name.lowercased() {
        case "ui", "html", "incident", "incident_url", "incidenturl", "overview": return 3
        case "self": return 1
        default: return 2
        }
    }

    /// Whether `part` stands in `text`, byte for byte: `text.contains` compares characters, which
    /// took a twelfth of a webhook's instructions.
    private static func contains(_ text: String, _ part: String) -> Bool {
        let bytes = text.utf8Span.span
        let wanted = part.utf8Span.span
        var start = 0
        while start + wanted.count <= bytes.count {
            var same = 0
            while same < wanted.count, bytes[start + same] == wanted[same] { same += 1 }
            if same == wanted.count { return true }
            start += 1
        }
        return false
    }

    /// Whether this is an address that a browser opens as a web page, and as nothing else.
    static func isWebAddress(_ link: String) -> Bool {
        guard link.utf8.allSatisfy(isURIByte) else { return false }
        let scheme = link.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme == "https://" else { return false }
        let host = split(link).host
        return !host.isEmpty && !host.hasPrefix(":") && !host.utf8.contains(UInt8(ascii: "@"))
    }

    /// Source: RFC 3986, sections 2.1, 2.2 and 2.3: nothing else may occur in a URI.
    private static func isURIByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
            UInt8(ascii: "}"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }

    /// Host with port, lower case, and all that follows it.
    private static func split(_ link: String) -> (host: String, path: String) {
        let bytes = link.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return ("", "") }
        let rest = bytes[colon...].dropFirst("://".utf8.count)
        let end = rest.firstIndex { byte in
            byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        let (host, path) = (rest[..<(end ?? rest.endIndex)], rest[(end ?? rest.endIndex)...])
        return (
            String(decoding: host, as: UTF8.self).lowercased(),
            String(decoding: path, as: UTF8.self)
        )
    }
}
