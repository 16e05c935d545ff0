import JSON

/// Finds the page about an incident that a person can open.
enum LinkReader {
    /// The best `http` or `https` link that is not one of the API's own, if there is any.
    ///
    /// `links` is an object `{rel, href}`, an array of such or of addresses, or a map from a name
    /// to an address.
    static func page(in links: JSONValue) -> String? {
        var best: (link: JSONValue, rank: Int)?
        forEachLink(in: links) { name, link in
            var rank = 0
            link.withStringBytes { rank = Self.rank(of: $0, called: name) }
            if rank > best?.rank ?? 0 { best = (link, rank) }
        }
        return best?.link.string
    }

    private static func forEachLink(
        in links: JSONValue, _ body: (_ name: String, _ link: JSONValue) -> Void
    ) {
        func visit(_ link: JSONValue) {
            if link.kind == .string { return body("", link) }
            guard let address = link["href"] ?? link["url"] else { return }
            body(link["rel"]?.word ?? "", address)
        }
        // As many as any incident has; the rest is noise.
        let countMax = PayloadLimits.tagListMax
        if let list = links.array {
            for link in list.prefix(countMax) { visit(link) }
        } else if links["href"] != nil || links["url"] != nil || links.kind == .string {
            visit(links)
        } else if let members = links.object {
            for member in members.prefix(countMax) {
                body(member.name(scalarsMax: PayloadLimits.statusScalarsMax), member.value)
            }
        }
    }

    /// How much a link looks like the incident's page; 0 for an address of the API, and for what no
    /// browser opens as a web page.
    private static func rank(of link: Span<UInt8>, called name: String) -> Int {
        guard link.count <= PayloadLimits.linkBytesMax, let address = WebAddress(link) else {
            return 0
        }
        let (host, path) = (link.extracting(address.host), link.extracting(address.path))
        guard !path.begins(with: "/resources/"), !host.begins(with: "api.", ignoringCase: true),
            !host.begins(with: "eu-api.", ignoringCase: true)
        else { return 0 }
        // The console's own pages: <https://a.bigpanda.io/#/app/overview/…/incidents/…>.
        if path.begins(with: "/#/app/"), path.contains("/incidents/") {
            return path.ends(with: "/timeline") ? 4 : 5
        }
        switch name.inSmallLetters {
        case "ui", "html", "incident", "incident_url", "incidenturl", "overview": return 3
        case "self": return 1
        default: return 2
        }
    }
}

/// Where host and path lie in an address that a browser opens as a web page, and as nothing else.
struct WebAddress {
    /// The host, with its port.
    let host: Range<Int>
    /// All that follows the host.
    let path: Range<Int>

    /// Takes an address apart; `nil` when it is no such one.
    init?(_ link: Span<UInt8>) {
        for index in link.indices where !Self.isURIByte(link[index]) { return nil }
        let start: Int
        if link.begins(with: "http://", ignoringCase: true) {
            start = 7
        } else if link.begins(with: "https://", ignoringCase: true) {
            start = 8
        } else {
            return nil
        }
        var end = start
        while end < link.count, !Self.endsHost(link[end]) {
            // Who writes `user@host` shows another host than the one that is opened.
            guard link[end] != UInt8(ascii: "@") else { return nil }
            end += 1
        }
        guard end > start, link[start] != UInt8(ascii: ":") else { return nil }
        host = start..<end
        path = end..<link.count
    }

    private static func endsHost(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
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
}

/// Comparing bytes: texts compare characters, which took a twelfth of a webhook's instructions.
extension Span<UInt8> {
    /// Whether `part` stands at `place`; `ignoringCase` is for a `part` in small letters.
    private func has(_ part: StaticString, at place: Int, ignoringCase: Bool = false) -> Bool {
        let length = part.utf8CodeUnitCount
        guard place >= 0, place + length <= count else { return false }
        return part.withUTF8Buffer { wanted in
            for index in 0..<length {
                let byte = self[place + index]
                let isCapital = ignoringCase && (0x41...0x5A).contains(byte)
                guard unsafe (isCapital ? byte | 0x20 : byte) == wanted[index] else { return false }
            }
            return true
        }
    }

    fileprivate func begins(with part: StaticString, ignoringCase: Bool = false) -> Bool {
        has(part, at: 0, ignoringCase: ignoringCase)
    }

    fileprivate func ends(with part: StaticString) -> Bool {
        has(part, at: count - part.utf8CodeUnitCount)
    }

    fileprivate func contains(_ part: StaticString) -> Bool {
        var place = 0
        while place + part.utf8CodeUnitCount <= count {
            if has(part, at: place) { return true }
            place += 1
        }
        return false
    }
}
