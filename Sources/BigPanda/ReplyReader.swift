import Alerts
import JSON

/// Reads the bodies of BigPanda's answers; `nil` means that none of it is what BigPanda says.
enum ReplyReader {
    /// A list of environments: a bare array.
    static func environments(_ body: [UInt8]) -> [Integration.Environment]? {
        read(body) { root in
            guard let elements = root.array else { return nil }
            var environments: [Integration.Environment] = []
            var count = 0
            for element in elements {
                count += 1
                guard environments.count < CallLimits.environmentsMax else { break }
                guard let id = element["id"]?.string, CallPath.isEnvironmentID(id) else { continue }
                let name = element["name"]?.text(
                    scalarsMax: CallLimits.environmentNameScalarsMax)
                environments.append(Integration.Environment(id: id, name: name ?? id))
            }
            // A key may see none, but a list of other things is no list of environments.
            return environments.isEmpty && count > 0 ? nil : environments
        }
    }

    /// One incident, by itself or in one of the envelopes that lists come in.
    static func incident(
        _ body: [UInt8], id: String, environmentID: String
    ) -> IncidentReading? {
        read(body) { root in
            let found = incidents(in: root, environmentID: environmentID)
            for incident in found where incident.id == id { return incident.reading }
            return nil
        }
    }

    /// A list of incidents: `{total, items}`, a bare array, or a single one.
    static func page(_ body: [UInt8], environmentID: String) -> IncidentPage? {
        read(body) { root in
            let isList = root.kind == .array || root["items"]?.kind == .array
            let found = incidents(in: root, environmentID: environmentID)
            guard isList || !found.isEmpty else { return nil }
            let total = root["total"]?.int64.flatMap { Int(exactly: $0) }
            return IncidentPage(total: total, incidents: found)
        }
    }

    /// Whether this is JSON of any kind.
    static func isJSON(_ body: [UInt8]) -> Bool { read(body) { _ in true } ?? false }

    static func read<Reading>(
        _ body: [UInt8], _ reading: (JSONValue) -> Reading?
    ) -> Reading? {
        let parser = JSONParser(bytesMax: CallLimits.answerBytesMax)
        do throws(JSONError) {
            return try parser.withDocument(body, reading)
        } catch {
            return nil  // What is not JSON is not BigPanda's; no caller needs to know where.
        }
    }

    private static func incidents(
        in root: JSONValue, environmentID: String
    ) -> [ListedIncident] {
        if let list = root.array ?? root["items"]?.array {
            return list.prefix(CallLimits.pageSizeMax).compactMap {
                listed($0, environmentID: environmentID)
            }
        }
        let incident = root["incident"] ?? root
        return listed(incident, environmentID: environmentID).map { [$0] } ?? []
    }

    private static func listed(
        _ value: JSONValue, environmentID: String
    ) -> ListedIncident? {
        let fields = IncidentFields(value)
        guard let id = value["id"]?.string, let isActive = fields.isOpen else { return nil }
        var reading = IncidentReading(isActive: isActive, times: fields.times)
        reading.bigPandaStatus = fields.status
        reading.severity = fields.severity
        reading.flapping = fields.flapping
        reading.snoozed = fields.snoozed
        reading.environmentID = environmentID
        return ListedIncident(id: id, reading: reading)
    }
}

extension IncidentFields {
    /// Whether the incident is open, as far as its fields tell.
    ///
    /// Source: docs/bigpanda.md, "The closing rule".
    fileprivate var isOpen: Bool? {
        if resolved == true { return false }
        if let active { return active }
        if let status { return status != "ok" }
        return resolved.map { !$0 }
    }
}
