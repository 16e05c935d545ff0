package import EventLoop

/// Who takes an answer to the peer.
@LoopActor
protocol ResponseSink: AnyObject {
    func respond(_ response: HTTPResponse, toExchange exchange: UInt64)
    /// Sends an answer's head; `nil` when no content is to follow.
    func stream(_ head: HTTPResponse, toExchange exchange: UInt64) -> HTTPBodyStream?
    /// True while the exchange still waits for its answer.
    func isWaiting(forExchange exchange: UInt64) -> Bool
}

/// The one answer that a request is owed.
///
/// Call `respond` or `stream` once, in the handler or later, on the loop. One that is let go of
/// unanswered answers 503, so that the peer doesn't wait for ever; as that is a bug in the handler,
/// it traps in debug builds.
@LoopActor
package final class HTTPResponder {
    private let exchange: UInt64
    private var sink: (any ResponseSink)?

    init(_ sink: any ResponseSink, exchange: UInt64) {
        self.sink = sink
        self.exchange = exchange
    }

    /// True once `respond` or `stream` was called.
    package var isAnswered: Bool { sink == nil }

    /// True when nobody waits any more: the peer is gone, or waited too long.
    package var isCancelled: Bool { sink?.isWaiting(forExchange: exchange) == false }

    /// Sends the answer, or drops it when the peer is gone.
    ///
    /// Traps in debug builds when called twice.
    package func respond(_ response: HTTPResponse) {
        guard let sink else { return assertionFailure("a request was answered twice") }
        self.sink = nil
        sink.respond(response, toExchange: exchange)
    }

    /// Sends the head of an answer whose content follows piece by piece; the body of `head` is not
    /// sent.
    ///
    /// Traps in debug builds when the request was answered before.
    /// - Returns: What takes the content; `nil` when nobody wants any: the peer is gone, asked by
    ///   `HEAD`, or the server drains.
    package func stream(_ head: HTTPResponse) -> HTTPBodyStream? {
        guard let sink else {
            assertionFailure("a request was answered twice")
            return nil
        }
        self.sink = nil
        return sink.stream(head, toExchange: exchange)
    }

    isolated deinit {
        guard let sink, sink.isWaiting(forExchange: exchange) else { return }
        assertionFailure("a request was left without an answer")
        sink.respond(.unavailable, toExchange: exchange)
    }
}

extension HTTPResponse {
    /// What a peer gets when the fault is ours and passes.
    static let unavailable = HTTPResponse.problem(
        .serviceUnavailable, code: "unavailable"
    ).with("Retry-After", "1")
}
