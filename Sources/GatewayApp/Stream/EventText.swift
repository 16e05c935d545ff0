import AlertJSON
import Alerts
import JSON

/// Changes as server-sent events.
///
/// Source: HTML Standard, section 9.2, "Server-sent events".
enum EventText {
    /// How long a client is to wait before it connects again, in milliseconds: long enough that a
    /// gateway which starts again is there, short enough that nobody reaches for the reload button.
    static let retryMilliseconds = 2_000

    /// The first lines of a stream.
    static let start = Array("retry: \(retryMilliseconds)\n\n".utf8)

    /// Nothing but a sign of life.
    static let keepAlive = Array(": keep-alive\n\n".utf8)

    /// Tells a client how far it has read, without an event: it goes on there when it comes again.
    static func position(_ number: Int64) -> [UInt8] { Array("id: \(number)\n\n".utf8) }

    /// A thing that changed, as lists of the API show it.
    static func event(_ change: Change) -> [UInt8] {
        event(change.name, change.number) { json in
            switch change.subject {
            case .alert(let subject): json.alert(subject)
            case .close(let close): json.close(close)
            case .delivery(let delivery): json.delivery(delivery)
            case .integration(let integration): json.integration(integration)
            case .removedIntegration(let id):
                json.object { json in
                    json.member("kind", change.subject.kind.rawValue)
                    json.member("id", id.text)
                }
            }
        }
    }

    /// Tells a client that it missed something: what it shows has to be loaded anew.
    static func reset(_ reason: StreamReset, at number: Int64) -> [UInt8] {
        event("reset", number) { json in
            json.object { $0.member("reason", reason.rawValue) }
        }
    }

    private static func event(
        _ name: String, _ number: Int64, _ write: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        // JSON spells line feeds with a backslash, so the data is one line.
        var json = JSONWriter(
            appendingTo: Array("id: \(number)\nevent: \(name)\ndata: ".utf8))
        write(&json)
        return json.bytes + [UInt8(ascii: "\n"), UInt8(ascii: "\n")]
    }
}

/// Why a client has to load what it shows anew.
enum StreamReset: String {
    /// Nothing has the number that it named: it is of another store, or no number.
    case unknown = "unknown_id"
    /// Too much has changed since.
    case tooOld = "too_old"
}

extension Change {
    fileprivate var name: String {
        switch subject {
        case .alert, .close, .delivery, .integration: subject.kind.rawValue
        case .removedIntegration: "removed"
        }
    }
}
