/// A synthetic incident that goes the whole way of a real one, again and again, for one
/// integration: in by the webhook, resolved here, its close sent to BigPanda.
package struct Canary: Sendable, Equatable {
    /// How often it is sent.
    package var interval: Duration
    /// Since when.
    package var enabledAt: Timestamp
    /// What came of the last one; `nil` before the first has ended.
    package var lastRun: CanaryRun?
    /// When the last one ended that went all the way; `nil` when none did.
    package var succeededAt: Timestamp?

    /// Switches one on that was never sent.
    package init(interval: Duration, enabledAt: Timestamp) {
        self.interval = interval
        self.enabledAt = enabledAt
    }

    /// The shortest and the longest interval, in seconds: a minute, a day.
    package static let intervalSeconds: ClosedRange<Int64> = 60...86_400
    /// What the API takes when nobody says: an hour.
    package static let intervalSecondsDefault: Int64 = 3600
    /// A run that has not ended after this long has failed; BigPanda's part mostly takes seconds.
    package static let deadline = Duration.seconds(45)
    /// Canary alerts are kept this long.
    package static let retention = Duration.seconds(86_400)

    /// Whether the next one is to be sent; a clock that was set back makes it so.
    package func isDue(at now: Timestamp) -> Bool {
        guard let last = lastRun?.startedAt else { return true }
        return now - last >= interval || last > now
    }

    /// How it looks.
    package func verdict(at now: Timestamp) -> Verdict {
        if let failure = lastRun?.failure { return .failed(failure) }
        // Two that were not sent, and the time that one may take.
        let limit = interval * 2 + Self.deadline
        guard now - (lastRun?.startedAt ?? enabledAt) <= limit else { return .late }
        return lastRun == nil ? .waiting : .passed
    }

    /// How it looks.
    package enum Verdict: Sendable, Equatable {
        /// None has ended yet.
        case waiting
        /// The last one went all the way.
        case passed
        /// The last one did not.
        case failed(CanaryRun.Failure)
        /// Nobody sends them.
        case late

        /// The word of the API.
        package var name: String {
            switch self {
            case .waiting: "waiting"
            case .passed: "passed"
            case .failed: "failed"
            case .late: "late"
            }
        }

        /// Every word.
        package static let names = ["waiting", "passed", "failed", "late"]
    }
}

/// One canary's way.
package struct CanaryRun: Sendable, Equatable {
    /// What it has to get through, in order.
    package enum Hop: String, Sendable, CaseIterable {
        /// From the call of the gateway's own callback URL to the durable, firing alert.
        case webhook
        /// The alert's resolution and its close, stored.
        case resolve
        /// BigPanda's answer to the close.
        case close
        /// BigPanda's answers to the reading back.
        case confirm
    }

    /// Why it did not get all the way.
    package struct Failure: Error, Sendable, Equatable {
        /// Where it ended.
        package let hop: Hop
        /// Why, in words.
        package let reason: String

        /// Names both.
        package init(_ hop: Hop, _ reason: String) {
            self.hop = hop
            self.reason = reason
        }
    }

    /// When it was sent.
    package let startedAt: Timestamp
    /// When it had got to its end.
    package var endedAt: Timestamp
    /// The alert that it became; `nil` when it became none.
    package var alertID: AlertID?
    /// Why it did not get all the way; `nil` when it did.
    package var failure: Failure?
    /// How long the hops took that it got through, in their order.
    package var durations: [Duration]

    /// Begins one.
    package init(startedAt: Timestamp) {
        self.startedAt = startedAt
        endedAt = startedAt
        durations = []
    }
}

extension CanaryRun {
    /// What the ids of canary incidents begin with; BigPanda's own are hexadecimal numbers.
    package static let incidentPrefix = "canary-"

    /// Whether an incident is a canary, which BigPanda must not know.
    package static func isCanary(incidentID: String) -> Bool {
        incidentID.hasPrefix(incidentPrefix)
    }
}

extension Identifier<Source> {
    /// What the ids of canaries' sources begin with; no other source's id has a second underscore.
    package static var canaryPrefix: String { "src_canary_" }

    /// A source that an integration's canaries come in through, from the id of an ordinary one.
    ///
    /// One that was removed does not come back: the next has another id.
    package init(canaryFrom text: String) {
        self.init(Self.canaryPrefix + text.drop { $0 != "_" }.dropFirst())
    }

    /// Whether it is a source for canaries, which is the gateway's own.
    package var isCanary: Bool { text.hasPrefix(Self.canaryPrefix) }
}

/// Keeps which integrations have canaries, and what came of them; every call is one transaction.
package protocol CanaryStore: Sendable {
    /// The canaries of all integrations that have some.
    func canaries() async throws(StoreError) -> [IntegrationID: Canary]
    /// Switches an integration's canary on from `now`, at another interval, or with `nil` off.
    ///
    /// What came of the last one stays when only the interval changes.
    func setCanary(
        _ interval: Duration?, of id: IntegrationID, at now: Timestamp
    ) async throws(StoreError)
    /// Writes what came of a canary, if it was not switched off meanwhile.
    func record(_ run: CanaryRun, of id: IntegrationID) async throws(StoreError)
    /// Removes at most `limit` of the canaries' alerts that were resolved before `moment` and owe
    /// no close; returns how many.
    func pruneCanaries(resolvedBefore moment: Timestamp, limit: Int) async throws(StoreError) -> Int
}
