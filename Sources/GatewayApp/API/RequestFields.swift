package import Alerts
package import HTTPServer
import JSON

/// The members of an admin request's JSON body, taken out one by one and checked.
package struct RequestFields {
    private let members: [JSONTree.Member]

    /// Reads a body; without one there are no members.
    ///
    /// - Throws: `APIProblem` when the body is not one JSON object, or not said to be JSON.
    package init(_ request: HTTPRequest) throws(APIProblem) {
        guard !request.body.isEmpty else {
            members = []
            return
        }
        guard let type = request.head.mediaType, MediaType.isJSON(type) else {
            throw APIProblem(
                .unsupportedMediaType, "unsupported_media_type",
                "Send the body as JSON, with Content-Type: application/json.")
        }
        let tree: JSONTree
        do throws(JSONError) {
            tree = try JSONTree(parsing: request.body)
        } catch {
            throw APIProblem(.badRequest, "not_json", "The body is not JSON: \(error).")
        }
        guard let object = tree.object else {
            throw APIProblem(.badRequest, "not_an_object", "The body must be a JSON object.")
        }
        members = object
    }

    /// The names of those members that are there, of `known`: what else there is may be anything.
    func names(among known: [String]) -> [String] {
        known.filter { name in members.contains { $0.name == name } }
    }

    /// What a member says: left out, `null`, or a value.
    package enum Presence<Value: Sendable>: Sendable {
        /// The member is not there.
        case missing
        /// The member is `null`.
        case null
        /// The member has a value.
        case value(Value)
    }

    /// A member that may be left out or `null`.
    package func text(
        _ name: String, charactersMax: Int
    ) throws(APIProblem) -> Presence<String> {
        guard let member = members.first(where: { $0.name == name }) else { return .missing }
        if member.value.isNull { return .null }
        guard let text = member.value.string else {
            throw .invalid(name, "must be a string.")
        }
        guard text.count <= charactersMax else {
            throw .invalid(name, "must have at most \(charactersMax) characters.")
        }
        return .value(text)
    }

    /// A member that must be there and not be blank; blanks around it are taken off.
    package func requiredText(
        _ name: String, charactersMax: Int
    ) throws(APIProblem) -> String {
        guard case .value(let text) = try text(name, charactersMax: charactersMax) else {
            throw .invalid(name, "is required.")
        }
        let trimmed = text.trimmingBlanks
        guard !trimmed.isEmpty else { throw .invalid(name, "must not be empty.") }
        return trimmed
    }

    /// A member that may be left out, and is not blank when it is there.
    func textIfGiven(_ name: String, charactersMax: Int) throws(APIProblem) -> String? {
        switch try text(name, charactersMax: charactersMax) {
        case .missing: return nil
        case .null: throw APIProblem.invalid(name, "must not be null.")
        case .value: return try requiredText(name, charactersMax: charactersMax)
        }
    }

    /// A list of at least one of some words that may be left out.
    func words(_ name: String, among known: [String]) throws(APIProblem) -> Set<String>? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        let words = member.value.array?.map { $0.string ?? "" } ?? []
        guard !words.isEmpty, words.allSatisfy(known.contains) else {
            throw .invalid(name, "must be a list of some of \(known.joined(separator: ", ")).")
        }
        return Set(words)
    }

    /// A switch that may be left out.
    package func bool(_ name: String) throws(APIProblem) -> Bool? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        guard let bool = member.value.bool else { throw .invalid(name, "must be true or false.") }
        return bool
    }

    /// A whole number that may be left out.
    package func integer(
        _ name: String, in range: ClosedRange<Int64>
    ) throws(APIProblem) -> Int64? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        guard let number = member.value.int64, range.contains(number) else {
            throw .invalid(
                name, "must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A moment that may be left out or `null`.
    package func moment(_ name: String) throws(APIProblem) -> Presence<Timestamp> {
        switch try text(name, charactersMax: 64) {
        case .missing: return .missing
        case .null: return .null
        case .value(let text):
            guard let moment = Timestamp(rfc3339: text) else {
                throw .invalid(name, "must be a time such as 2026-12-31T00:00:00Z.")
            }
            return .value(moment)
        }
    }
}

/// Media types that mean JSON.
package enum MediaType {
    /// Whether `type`, in small letters and without parameters, is JSON (RFC 6839, section 3.1).
    package static func isJSON(_ type: String) -> Bool {
        type == "application/json" || type == "text/json"
            || type.hasPrefix("application/") && type.hasSuffix("+json")
    }
}

extension String {
    /// The text without white space at either end.
    package var trimmingBlanks: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

/// `limit` and `cursor` of a list.
package struct PageParameters {
    /// Items at most, 1 to 500.
    package let limit: Int
    /// Where to go on.
    package let cursor: PageCursor?

    /// Reads them from a query.
    package init(_ head: HTTPRequestHead) throws(APIProblem) {
        if let text = head.queryValue("limit") {
            guard let limit = Int(text), (1...500).contains(limit) else {
                throw APIProblem(
                    .badRequest, "invalid_limit", "limit must be a whole number from 1 to 500.")
            }
            self.limit = limit
        } else {
            limit = 50
        }
        guard let text = head.queryValue("cursor"), !text.isEmpty else {
            cursor = nil
            return
        }
        guard let cursor = CursorText.decode(text) else {
            throw APIProblem(
                .badRequest, "invalid_cursor", "cursor must be the next_cursor of a page before.")
        }
        self.cursor = cursor
    }
}
