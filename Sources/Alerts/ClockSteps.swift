/// Notices when the wall clock is set, by comparing it with a clock that never jumps.
package struct ClockSteps: Sendable {
    /// Smaller steps are how clocks are kept right, and taken for none.
    package static let stepMin = Duration.seconds(5)

    private var last: (wall: Timestamp, steady: ContinuousClock.Instant)?

    /// Has seen no clock yet.
    package init() {}

    /// By how much the wall clock was set since the last call; zero when it was left alone.
    package mutating func step(
        wall: Timestamp, steady: ContinuousClock.Instant
    ) -> Duration {
        defer { last = (wall, steady) }
        guard let last else { return .zero }
        let step = (wall - last.wall) - last.steady.duration(to: steady)
        return step < .zero - Self.stepMin || step > Self.stepMin ? step : .zero
    }
}
