/// One event on its way to one endpoint; stays in the log once it was taken or given up.
package struct OutboundMessage: Sendable, Equatable {
    /// The gateway's name for it, which it keeps through all tries: the receiver's `webhook-id`.
    package let id: MessageID
    /// What it tells of.
    package let event: OutboundEvent
    /// The alert that it is about; `nil` for a test.
    package let alertID: AlertID?
    /// When what it tells of happened.
    package let createdAt: Timestamp
    /// How far it is.
    package var state = MessageState.pending
    /// How many times it was posted since it was made, or replayed.
    package var attempts = 0
    /// When it is posted next; `nil` once it was taken or given up.
    package var nextAttemptAt: Timestamp?
    /// What the last try came to; `nil` before the first.
    package var lastAttempt: LastAttempt?

    /// Makes one that is due at once.
    package init(id: MessageID, event: OutboundEvent, alertID: AlertID?, at now: Timestamp) {
        self.id = id
        self.event = event
        self.alertID = alertID
        createdAt = now
        nextAttemptAt = now
    }

    /// What a try came to.
    package struct LastAttempt: Sendable, Equatable {
        /// When it began.
        package let at: Timestamp
        /// How long it took.
        package let duration: Duration
        /// The status of the answer; `nil` without one.
        package let statusCode: Int?
        /// Why it came to nothing; `nil` when it was taken.
        package let error: String?

        /// Puts one together.
        package init(at: Timestamp, duration: Duration, statusCode: Int?, error: String?) {
            self.at = at
            self.duration = duration
            self.statusCode = statusCode
            self.error = error
        }
    }
}

/// How far a message is.
package enum MessageState: String, Sendable, CaseIterable {
    /// It is owed.
    case pending
    /// The endpoint answered 2xx.
    case delivered
    /// It was given up after the last try.
    case failed
}

/// Names a message: its running number in the store, and a number drawn by lot.
///
/// So no index is needed to find it, and none comes twice, not even from a store that was put back
/// to an earlier state.
package typealias MessageID = Identifier<OutboundMessage>

extension Identifier<OutboundMessage> {
    private static let prefix = "msg_"

    /// The id of a message with a running number, 1 or more, and a lot, 0 or more.
    package init(number: Int64, lot: Int64) {
        self.init("\(Self.prefix)\(number)_\(String(lot, radix: 36))")
    }

    /// The running number and the lot; `nil` for a text that is no id of a message.
    package var parts: (number: Int64, lot: Int64)? {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(
            separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0,
            let lot = Int64(parts[1], radix: 36), lot >= 0,
            Identifier(number: number, lot: lot) == self
        else { return nil }
        return (number, lot)
    }
}

/// Which messages of an endpoint to list; a missing filter lets all through.
package struct MessageQuery: Sendable, Equatable {
    /// The endpoint.
    package let endpointID: EndpointID
    /// Only those in this state.
    package var state: MessageState?
    /// Where to go on.
    package var cursor: PageCursor?
    /// Items at most, 1 to 500.
    package var limit: Int

    /// Asks for the first `limit` of all that an endpoint has.
    package init(of endpointID: EndpointID, limit: Int = 50) {
        self.endpointID = endpointID
        self.limit = limit
    }
}

/// A message with what is posted.
package struct KeptMessage: Sendable, Equatable {
    /// The message.
    package let message: OutboundMessage
    /// The JSON that is posted, the same with each try.
    package let body: String

    /// Puts both together.
    package init(message: OutboundMessage, body: String) {
        self.message = message
        self.body = body
    }
}
