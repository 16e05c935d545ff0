/// The paths of BigPanda's API.
///
/// Source: docs/bigpanda-openapi.yaml.
enum CallPath {
    static let environments = "/resources/v2.0/environments"

    static func incidents(_ environmentID: String) -> String {
        "\(environments)/\(encoded(environmentID))/incidents"
    }

    static func incident(_ incidentID: String, _ environmentID: String) -> String {
        "\(incidents(environmentID))/\(encoded(incidentID))"
    }

    static func resolve(_ incidentID: String, _ environmentID: String) -> String {
        "\(incident(incidentID, environmentID))/resolve"
    }

    /// Integrations of BigPanda's Webhook v2.
    static let integrations = "/resources/v2.1/integrations"

    static func integration(_ id: String) -> String { "\(integrations)/\(encoded(id))" }

    /// The history of an incident, for which no environment is named.
    static func activities(_ incidentID: String) -> String {
        "/resources/v2.0/incidents/\(encoded(incidentID))/activities"
    }

    /// Whether there can be such an incident; ids that can't be asked for are not found either.
    static func names(_ incidentID: String, _ environmentID: String) -> Bool {
        // These two would be taken for a step within the path, percent-encoded or not.
        isEnvironmentID(environmentID) && incidentID != "." && incidentID != ".."
            && !incidentID.isEmpty
    }

    /// Whether an id looks like an environment's: hexadecimal or a UUID, but some leeway is left.
    ///
    /// Source: docs/bigpanda.md, "Finding the environment id".
    static func isEnvironmentID(_ id: String) -> Bool {
        (1...CallLimits.environmentIDBytesMax).contains(id.utf8.count)
            && id.utf8.allSatisfy { isUnreserved($0) && $0 != UInt8(ascii: ".") && $0 != tilde }
    }

    private static let tilde = UInt8(ascii: "~")

    /// A text for use within a path or query (RFC 3986, sections 2.1 and 2.3).
    static func encoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isUnreserved) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), tilde: true
        default: false
        }
    }
}
