/// When a firing alert's incident is read back from BigPanda.
///
/// Pushes get lost, and BigPanda is silent while an incident flaps or is snoozed. So each firing
/// alert is read once an interval, counted from when BigPanda last told of it by whatever way.
/// Resolved alerts are left alone: a lost re-open is BigPanda's next push.
package struct ReconcileSchedule: Sendable, Equatable {
    /// The longest that a firing alert goes unread.
    package let interval: Duration

    /// While BigPanda is silent about an incident, it is read this many times as often.
    package static let quickening = 3
    /// An incident that BigPanda does not know is read this many times as seldom: hourly at the
    /// default interval, since each such reading asks every environment.
    package static let slowing = 12
    /// Readings in a row that found no incident, until BigPanda counts as not knowing it.
    package static let missesMax = 3
    /// A wait is shortened by a part of up to this much of it, so that alerts of one storm don't
    /// stay together.
    package static let spread = 0.2
    /// Waits are shortened in so many steps.
    package static let spreadSteps = 4
    /// 128 ms: what is told of within them goes by the same step.
    ///
    /// A store keeps what is due in order: with a step of its own for each alert, a batch of new
    /// ones would touch as many pages as it has alerts, or at least as many as there are steps.
    package static let spreadSlotMilliseconds: Int64 = 128

    /// Makes a schedule; the default is that of `GATEWAY_RECONCILE_SECONDS`.
    package init(interval: Duration = .seconds(300)) {
        precondition(interval > .zero, "an interval lasts")
        self.interval = interval
    }

    /// How long to wait until the next reading.
    ///
    /// - Parameters:
    ///   - alert: The alert as it is now.
    ///   - missesCount: Readings in a row that found no incident.
    ///   - fraction: A draw from 0..<1.
    /// - Returns: More than zero; `nil` for a resolved alert, which is not read.
    package func wait(for alert: Alert, missesCount: Int, fraction: Double) -> Duration? {
        precondition((0..<1).contains(fraction), "a draw is from 0..<1")
        guard alert.status == .firing else { return nil }
        var wait = interval
        if missesCount >= Self.missesMax {
            wait *= Self.slowing
        } else if alert.flapping || alert.snoozed {
            wait /= Self.quickening
        }
        return wait * (1 - Self.spread * fraction)
    }

    /// The plan once BigPanda was asked at `moment`, whatever came of it.
    package func plan(
        for alert: Alert, missesCount: Int, askedAt moment: Timestamp
    ) -> ReadingPlan {
        let fraction = Self.draw(at: moment)
        let wait = wait(for: alert, missesCount: missesCount, fraction: fraction)
        guard let wait else { return ReadingPlan() }
        return ReadingPlan(dueAt: moment + wait, missesCount: missesCount)
    }

    /// The plan when `alert` takes the place of `before`, which is `nil` for a new one.
    ///
    /// Whatever brought an alert up to date counts as a reading of it.
    package func plan(
        _ plan: ReadingPlan, storing alert: Alert, over before: Alert?
    ) -> ReadingPlan {
        guard alert.status == .firing else { return ReadingPlan() }
        let isToldOf = before.map { $0.updatedAt != alert.updatedAt } ?? true
        guard isToldOf || before?.status != .firing else { return plan }
        return self.plan(for: alert, missesCount: 0, askedAt: alert.updatedAt)
    }

    /// Spreads times evenly over the steps of 0..<1, a slot at a time.
    ///
    /// Mixed as SplitMix64 does: a store needs no source of chance in the middle of a transaction,
    /// and a history that is played again gives the same plan.
    /// Source: <https://doi.org/10.1145/2714064.2660195>
    private static func draw(at moment: Timestamp) -> Double {
        let slot = moment.milliseconds / spreadSlotMilliseconds
        var hash = UInt64(bitPattern: slot) &+ 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        return Double(hash % UInt64(spreadSteps)) / Double(spreadSteps)
    }
}

/// When an alert's incident is read back next, and how the readings before went.
package struct ReadingPlan: Sendable, Equatable {
    /// When it is due; `nil` when it is not to be read.
    package var dueAt: Timestamp?
    /// Readings in a row that found no incident.
    package var missesCount: Int

    /// Makes a plan; without a time it is none.
    package init(dueAt: Timestamp? = nil, missesCount: Int = 0) {
        self.dueAt = dueAt
        self.missesCount = missesCount
    }
}
