import HTTPServer
import JSON

/// JSON Schemas of what goes in and out.
///
/// Source: JSON Schema 2020-12, which OpenAPI 3.1 takes over.
enum Schema {
    /// Any string.
    static let text: JSONTree = ["type": "string"]
    /// A string or `null`.
    static let optionalText: JSONTree = ["type": ["string", "null"]]
    /// A whole number, not negative.
    static let count: JSONTree = ["type": "integer", "minimum": 0]
    /// A moment.
    static let moment: JSONTree = [
        "type": "string", "format": "date-time", "examples": ["2026-03-01T12:00:00.000Z"],
    ]
    /// A moment or `null`.
    static let optionalMoment: JSONTree = ["type": ["string", "null"], "format": "date-time"]
    /// `true` or `false`.
    static let bool: JSONTree = ["type": "boolean"]

    /// One of the gateway's own ids, which begin with `prefix`.
    static func id(_ prefix: String) -> JSONTree {
        ["type": "string", "examples": [.string(prefix + "01kq3x8m2f9s7v4d6h0j5n1p8t")]]
    }

    /// A string of bounded length.
    static func text(upTo charactersMax: Int, orNull: Bool = false) -> JSONTree {
        [
            "type": orNull ? ["string", "null"] : "string",
            "maxLength": .integer(Int64(charactersMax)),
        ]
    }

    /// A name that people give: not blank.
    static func name(_ example: String) -> JSONTree {
        [
            "type": "string", "minLength": 1,
            "maxLength": .integer(Int64(Limits.nameCharactersMax)), "pattern": #"[^\s]"#,
            "examples": [.string(example)],
        ]
    }

    /// One of some words.
    static func word(_ words: [String]) -> JSONTree {
        ["type": "string", "enum": .array(words.map { .string($0) })]
    }

    /// The one value that a member may have.
    static func constant(_ value: JSONTree) -> JSONTree { ["const": value] }

    /// A schema of `components`.
    static func named(_ name: String) -> JSONTree {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    /// A schema of `components`, or `null`.
    static func optional(_ name: String) -> JSONTree {
        ["anyOf": [named(name), ["type": "null"]]]
    }

    /// A list.
    static func list(of items: JSONTree) -> JSONTree { ["type": "array", "items": items] }

    /// One page of a list.
    static func page(of name: String) -> JSONTree {
        object(["items": list(of: named(name)), "next_cursor": optionalText])
    }

    /// An object whose members are always there, but for the `optional` ones.
    static func object(
        _ members: KeyValuePairs<String, JSONTree>,
        optional: KeyValuePairs<String, JSONTree> = [:]
    ) -> JSONTree {
        .object([
            JSONTree.Member("type", "object"),
            JSONTree.Member("required", .array(members.map { .string($0.key) })),
            JSONTree.Member(
                "properties",
                .object((Array(members) + Array(optional)).map { JSONTree.Member($0.0, $0.1) })),
        ])
    }

    /// The object that an operation takes: nothing in it must be there unless it is `required`.
    static func wish(
        _ members: KeyValuePairs<String, JSONTree>, required: [String] = []
    ) -> JSONTree {
        var tree: [JSONTree.Member] = [
            JSONTree.Member("type", "object"),
            JSONTree.Member("properties", .object(members.map { JSONTree.Member($0.0, $0.1) })),
        ]
        if !required.isEmpty {
            tree.append(JSONTree.Member("required", .array(required.map { .string($0) })))
        }
        return .object(tree)
    }

    /// Errors, and the codes that any request may get because of how it is written.
    static var problems: [JSONTree.Member] {
        let problem = object(
            [
                "type": constant("about:blank"), "title": text,
                "status": ["type": "integer", "minimum": 400, "maximum": 599], "code": text,
            ],
            optional: ["detail": text])
        let faults = HeadFault.allCases.filter { $0.status == .badRequest }.map(\.code)
        return [
            JSONTree.Member("Problem", problem),
            JSONTree.Member("RequestFault", word(faults)),
        ]
    }
}
