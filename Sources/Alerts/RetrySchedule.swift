/// When to try a failed call again.
///
/// Full jitter: the wait is drawn evenly from zero up to the exponential ceiling, so that replicas
/// which fail together don't return together. There is no last try: a close is owed until an
/// operator cancels it.
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
package struct RetrySchedule: Sendable, Equatable {
    /// The ceiling of the first wait.
    package let base: Duration
    /// No wait is longer than this.
    package let cap: Duration

    /// Closes: from one second to five minutes.
    package static let closes = RetrySchedule(base: .seconds(1), cap: .seconds(300))

    /// Makes a schedule.
    package init(base: Duration, cap: Duration) {
        precondition(base > .zero && base <= cap, "waits grow from base to cap")
        self.base = base
        self.cap = cap
    }

    /// How long to wait after a failed try.
    ///
    /// - Parameters:
    ///   - attempt: The try that failed, counted from 1.
    ///   - serverDelay: What the peer asked for in `Retry-After` (RFC 9110, section 10.2.3); it
    ///     wins over the drawn wait when longer, and is capped all the same.
    ///   - fraction: A draw from 0..<1, passed in so that a test can fix it.
    /// - Returns: The wait, from zero to `cap`.
    package func wait(
        afterAttempt attempt: Int, serverDelay: Duration? = nil, fraction: Double
    ) -> Duration {
        precondition(attempt >= 1, "tries are counted from 1")
        precondition((0..<1).contains(fraction), "a draw is from 0..<1")
        let doublings = min(attempt - 1, 20)
        let ceiling = min(base * (1 << doublings), cap)
        let drawn = ceiling * fraction
        guard let serverDelay else { return drawn }
        return min(max(drawn, serverDelay), cap)
    }
}
