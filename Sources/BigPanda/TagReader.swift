import Alerts
import JSON

/// Reads tags in every shape that BigPanda gives them.
///
/// An array of `{name, value}` (webhook), `{object, value}` (vendor OpenAPI), `{tag_id, tag_value}`
/// (incident tags of the v2 API), or a map from name to value.
enum TagReader {
    /// The tags of one field, or `nil` when the field holds nothing like tags.
    static func read(_ field: JSONValue) -> [AlertTag]? {
        guard field.kind == .array || field.kind == .object else { return nil }
        var tags: [AlertTag] = []
        tags.reserveCapacity(usualTags)
        visit(field) { name, value in
            let text = value.plainText(scalarsMax: PayloadLimits.tagValueScalarsMax)
            if let text { tags.append(AlertTag(name: name, value: text)) }
            return tags.count < PayloadLimits.tagsMax
        }
        return tags
    }

    /// The value, as text on one line, of the first tag called `wanted` that isn't blank.
    ///
    /// `tags` is what `read` made of the field; only if that had to stop early is more looked at.
    static func value(
        of wanted: String, in field: JSONValue, read tags: [AlertTag]?
    ) -> String? {
        guard let tags else { return nil }
        for tag in tags where tag.name == wanted {
            let value = tag.value.onOneLine.trimmed
            if !value.isEmpty { return value }
        }
        guard tags.count >= PayloadLimits.tagsMax else { return nil }
        var found: String?
        visit(field) { name, value in
            guard name == wanted else { return true }
            let text = value.plainText(scalarsMax: PayloadLimits.tagValueScalarsMax)
            found = text?.onOneLine.trimmed
            return found?.isEmpty ?? true
        }
        return found?.isEmpty == true ? nil : found
    }

    /// Joins lists of tags; of tags with one name the first stays.
    static func merged(_ lists: [AlertTag]?...) -> [AlertTag]? {
        let known = lists.compactMap { $0 }
        guard !known.isEmpty else { return nil }
        if known.count == 1, known[0].count <= 1 { return known[0] }
        var distinct: [AlertTag] = []
        distinct.reserveCapacity(min(PayloadLimits.tagsMax, known.reduce(0) { $0 + $1.count }))
        var names: Set<String> = []
        for tag in known.joined() where distinct.count < PayloadLimits.tagsMax {
            if distinct.count == fewTags, names.isEmpty { names = Set(distinct.map(\.name)) }
            let isNew =
                names.isEmpty
                ? !distinct.contains { $0.name == tag.name } : names.insert(tag.name).inserted
            if isNew { distinct.append(tag) }
        }
        return distinct
    }

    /// So many names are compared one by one, which takes a tenth of hashing them.
    private static let fewTags = 16

    /// Room for so many is made at once.
    private static let usualTags = 16

    /// Goes through the tags that have a name and a value, until `body` returns false.
    private static func visit(_ field: JSONValue, _ body: (String, JSONValue) -> Bool) {
        let scalarsMax = PayloadLimits.tagNameScalarsMax
        if let members = field.object {
            for member in members {
                guard let name = trimmed(member.name(scalarsMax: scalarsMax)) else { continue }
                guard body(name, member.value) else { return }
            }
        } else if let elements = field.array {
            for element in elements {
                let members = JSONFields(element, TagKey.all)
                let name = members.first(TagKey.name) { value in
                    value.plainString(bytesMax: scalarsMax, isTrimmed: true)
                        ?? value.plainText(scalarsMax: scalarsMax).flatMap { trimmed($0) }
                }
                guard let name, let value = members[TagKey.value] else { continue }
                guard body(name, value) else { return }
            }
        }
    }

    private static func trimmed(_ text: String) -> String? {
        let name = text.withoutControls.onOneLine.trimmed
        return name.isEmpty ? nil : name
    }
}
