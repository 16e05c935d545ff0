/// What BigPanda says has happened; a hint beside the state that the payload carries.
///
/// Source: BigPanda, "Notifications Webhook v2", list of triggers.
package enum EventName: Sendable, Equatable {
    /// `incident#new`: the incident was shared for the first time.
    case new
    /// `incident#closed`, or its alias `incident#resolved`.
    case closed
    /// `incident#reopen`, or its alias `incident#reopened`.
    case reopen
    /// Any other name: an update of some kind.
    case other
    /// The payload names no event.
    case missing

    /// Reads the name as it stands in a payload; letter case and surrounding blanks don't matter.
    package init(_ text: String?) {
        guard let text else {
            self = .missing
            return
        }
        let trimmed = text.utf8.drop { $0 == UInt8(ascii: " ") }
        // As BigPanda writes them, nothing has to be made of them first.
        let isPlain = text.utf8.allSatisfy { $0 > UInt8(ascii: " ") && !(0x41...0x5A).contains($0) }
        switch isPlain ? text : String(decoding: trimmed, as: UTF8.self).lowercased() {
        case "": self = .missing
        case "incident#new": self = .new
        case "incident#closed", "incident#resolved": self = .closed
        case "incident#reopen", "incident#reopened": self = .reopen
        case _: self = .other
        }
    }
}
