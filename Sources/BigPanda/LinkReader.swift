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
        if path.hasPrefix("/#/app/"), path.contains("/incidents/") {
            return path.hasSuffix("/timeline") ? 4 : 5
        }
        switch name.lowercased() {
        case "ui", "html", "incident", "incident_url", "incidenturl", "overview": return 3
        case "self": return 1
        default: return 2
        }
    }

    /// Whether this is an address that a browser opens as a web page, and as nothing else.
    ///
    /// Source: RFC 3986, sections 2.2, 2.3 and 3: what is in neither list must not occur.
    static func isWebAddress(_ link: String) -> Bool {
        let allowed: Set<UInt8> = Self.allowed
        guard link.utf8.allSatisfy(allowed.contains) else { return false }
        let lowered = link.prefix(8).lowercased()
        guard lowered.hasPrefix("http://") || lowered == "https://" else { return false }
        let host = split(link).host
        return !host.isEmpty && !host.hasPrefix(":") && !host.contains("@")
    }

    private static let allowed = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%".utf8
    )

    /// Host with port, lower case, and all that follows it.
    private static func split(_ link: String) -> (host: String, path: Substring) {
        guard let colon = link.firstIndex(of: ":") else { return ("", "") }
        let rest = link[colon...].dropFirst("://".count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        return (rest[..<end].lowercased(), rest[end...])
    }
}
