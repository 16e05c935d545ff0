/// Decides how messages and endpoints go on after each try; pure, like `CloseMachine`.
package enum OutboundMachine {
    /// Waits after a first, second and each further try that came to nothing; after the last wait
    /// comes the last try.
    ///
    /// Source: Standard Webhooks, "Deliverability and reliability".
    package static let waits: [Duration] = [
        .seconds(5), .seconds(300), .seconds(1800), .seconds(7200), .seconds(18_000),
        .seconds(36_000), .seconds(50_400), .seconds(72_000), .seconds(86_400),
    ]
    /// A message is given up after this many tries, 75 hours or a little more.
    package static let attemptsMax = waits.count + 1
    /// Each wait is longer by a part of itself that is drawn by lot, up to this.
    package static let jitter = 0.2
    /// An endpoint is disabled when tries have failed for this long with none that was taken.
    package static let disabledAfter = Duration.seconds(5 * 86_400)
    /// An endpoint that failed this often in a row is down: it is left alone for a moment after
    /// each try, and gets what waits for it as soon as it takes something again.
    package static let downAfter = 3
    /// How long an endpoint that is down is left alone.
    package static let pauses = RetrySchedule(base: .seconds(4), cap: .seconds(60))
    /// No try is planned further ahead than this; what is was planned by a clock that has been set
    /// back since, and is due.
    package static let horizon = Duration.seconds(86_400) * 1.2 + .seconds(60)
    /// What is taken up for an endpoint is its gateway's alone for this long.
    ///
    /// Longer than a round takes: `roundMax`, the call that is under way then, and a commit.
    package static let lease = Duration.seconds(60)
    /// No call of a round begins later than this after it was taken up.
    package static let roundMax = Duration.seconds(20)

    /// What a try came to.
    package enum Result: Sendable, Equatable {
        /// It was answered 2xx.
        case taken(statusCode: Int)
        /// It was answered 410: the endpoint wants nothing any more.
        case gone
        /// It was answered otherwise, or not at all.
        case failed(reason: String, statusCode: Int?)

        /// The status of the answer, if there was one.
        package var statusCode: Int? {
            switch self {
            case .taken(let code): code
            case .gone: 410
            case .failed(_, let code): code
            }
        }

        /// Why it came to nothing, if it did.
        package var failure: String? {
            switch self {
            case .taken: nil
            case .gone: "The endpoint answered 410: it wants no more webhooks."
            case .failed(let reason, _): reason
            }
        }
    }

    /// One try of a message.
    package struct Attempt: Sendable, Equatable {
        /// The message.
        package let messageID: MessageID
        /// What it came to.
        package let result: Result
        /// When it began.
        package let startedAt: Timestamp
        /// How long it took.
        package let duration: Duration
        /// A draw from 0..<1 for the waits that may follow.
        package let fraction: Double
        /// How long the endpoint asks to be left alone with it, at least.
        package let retryAfter: Duration?

        /// Puts one together.
        package init(
            messageID: MessageID, result: Result, startedAt: Timestamp, duration: Duration,
            fraction: Double, retryAfter: Duration? = nil
        ) {
            self.messageID = messageID
            self.result = result
            self.startedAt = startedAt
            self.duration = duration
            self.fraction = fraction
            self.retryAfter = retryAfter
        }
    }

    /// The message after a try.
    ///
    /// One that is not owed any more, since another gateway delivered it meanwhile, stays so.
    package static func conclude(
        _ message: OutboundMessage, with attempt: Attempt
    ) -> OutboundMessage {
        guard message.state == .pending else { return message }
        var next = message
        next.attempts += 1
        next.lastAttempt = OutboundMessage.LastAttempt(
            at: attempt.startedAt, duration: attempt.duration,
            statusCode: attempt.result.statusCode, error: attempt.result.failure)
        switch attempt.result {
        case .taken:
            next.state = .delivered
            next.nextAttemptAt = nil
        case .gone, .failed:
            guard next.attempts < attemptsMax else {
                next.state = .failed
                next.nextAttemptAt = nil
                return next
            }
            let planned = waits[next.attempts - 1]
            let wait = max(planned, attempt.retryAfter ?? .zero)
            next.nextAttemptAt =
                attempt.startedAt + attempt.duration + wait + planned * (jitter * attempt.fraction)
        }
        return next
    }

    /// The endpoint after a try.
    package static func conclude(
        _ endpoint: OutboundEndpoint, with attempt: Attempt
    ) -> OutboundEndpoint {
        var next = endpoint
        let end = attempt.startedAt + attempt.duration
        switch attempt.result {
        case .taken:
            next.failuresCount = 0
            next.failingSince = nil
            next.lastSuccessAt = end
        case .gone:
            next.fail(at: attempt.startedAt)
            next.disable(because: .gone, at: end)
        case .failed:
            next.fail(at: attempt.startedAt)
            guard let since = next.failingSince, end - since >= disabledAfter else { break }
            next.disable(because: .failing, at: end)
        }
        return next
    }

    /// How long an endpoint is left alone after a try.
    package static func pause(after endpoint: OutboundEndpoint, fraction: Double) -> Duration {
        let failures = endpoint.failuresCount - downAfter
        guard failures >= 0 else { return .zero }
        // Not all of it by lot: whoever is down is not helped by a try at once.
        return pauses.wait(afterAttempt: failures + 1, fraction: 0.5 + fraction / 2)
    }

    /// Whether an endpoint that was down takes webhooks again, so that what waits for it is due.
    package static func isBack(from before: OutboundEndpoint, to after: OutboundEndpoint) -> Bool {
        before.failuresCount >= downAfter && after.failuresCount == 0
    }

    /// A message that somebody wants posted again, with the tries of a new one.
    package static func replay(_ message: OutboundMessage, at now: Timestamp) -> OutboundMessage {
        var next = message
        next.state = .pending
        next.attempts = 0
        next.nextAttemptAt = now
        return next
    }
}

extension OutboundEndpoint {
    fileprivate mutating func fail(at moment: Timestamp) {
        failuresCount += 1
        failingSince = min(failingSince ?? moment, moment)
    }

    fileprivate mutating func disable(because reason: DisabledReason, at now: Timestamp) {
        guard isEnabled else { return }
        isEnabled = false
        disabledReason = reason
        updatedAt = now
    }
}
