/// A request method, as far as the server tells methods apart.
///
/// Source: RFC 9110, section 9; names are case-sensitive.
package enum HTTPMethod: Sendable, Hashable, CaseIterable {
    case get, head, post, put, patch, delete, options, connect, trace
    /// A well-formed name that none of the others bears.
    case other

    /// The name on the wire; `other` has none and gives `OTHER`.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: "OTHER"
        }
    }

    /// Names the method that `bytes` spell, which the caller has checked to be a token.
    init(_ bytes: Span<UInt8>) {
        switch bytes.count {
        case 3: self = bytes.spells("GET") ? .get : bytes.spells("PUT") ? .put : .other
        case 4: self = bytes.spells("POST") ? .post : bytes.spells("HEAD") ? .head : .other
        case 5: self = bytes.spells("PATCH") ? .patch : bytes.spells("TRACE") ? .trace : .other
        case 6: self = bytes.spells("DELETE") ? .delete : .other
        case 7:
            self = bytes.spells("OPTIONS") ? .options : bytes.spells("CONNECT") ? .connect : .other
        default: self = .other
        }
    }
}
