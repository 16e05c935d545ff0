import Alerts
import JSON

/// Tags and environments as the JSON that columns hold, in every database.
struct StoredDocuments {
    private static let noTags = "[]"
    private let parser = JSONParser(bytesMax: StorageLimits.documentBytesMax)

    /// Tags as JSON, `[["name","value"],…]`: in their order, and names may repeat.
    static func tagsText(_ tags: [AlertTag]) -> String {
        guard !tags.isEmpty else { return Self.noTags }
        var writer = JSONWriter(bytesExpected: 32 * tags.count)
        writer.array { writer in
            for tag in tags {
                writer.array { writer in
                    writer.value(tag.name)
                    writer.value(tag.value)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func tags(_ json: [UInt8]) throws(JSONError) -> [AlertTag] {
        guard json.count > Self.noTags.utf8.count else { return [] }
        return try parser.withDocument(json) { root in
            var tags: [AlertTag] = []
            guard let pairs = root.array else { return tags }
            for pair in pairs {
                guard var parts = pair.array, let name = parts.next()?.string,
                    let value = parts.next()?.string
                else { continue }
                tags.append(AlertTag(name: name, value: value))
            }
            return tags
        }
    }

    /// Environments as JSON, `[{"id":…,"name":…},…]`.
    static func environmentsText(_ environments: [Integration.Environment]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for environment in environments {
                writer.object { writer in
                    writer.member("id", environment.id)
                    writer.member("name", environment.name)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func environments(
        _ json: [UInt8]
    ) throws(JSONError) -> [Integration.Environment] {
        try parser.withDocument(json) { root in
            var environments: [Integration.Environment] = []
            guard let items = root.array else { return environments }
            for item in items {
                guard let id = item["id"]?.string, let name = item["name"]?.string else { continue }
                environments.append(.init(id: id, name: name))
            }
            return environments
        }
    }
}
