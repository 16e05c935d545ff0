package import Alerts

/// What is known of the gateway at one moment, for `Diagnosis` to judge.
package struct Observations: Sendable {
    /// What keeps the store from being written, in words; `nil` when nothing does.
    package var storeProblem: String?
    /// The store's counts; `nil` when it could not say.
    package var statistics: StoreStatistics?
    /// Bytes free where the store lies; `nil` when nobody can say.
    package var diskFreeBytes: Int?
    /// Whether the process was asked to stop.
    package var isStopping = false
    /// Webhooks waiting for the store.
    package var waiting = 0
    /// The integrations.
    package var integrations: [SeenIntegration] = []
    /// The sources; `nil` when the store could not say.
    package var sources: [SeenSource]?
    /// The canaries, with the names of their integrations.
    package var canaries: [(name: String, canary: Canary)] = []
    /// The webhook endpoints; `nil` when the store could not say.
    package var endpoints: [OutboundEndpoint]?
    /// What is owed to them.
    package var outbound = OutboundStatistics()
    /// Other gateways on the same store that live; `nil` where there can't be any.
    package var otherGateways: Int?
    /// Those of them that have not taken in the newest integrations and sources.
    package var gatewaysBehind = 0
    /// The time of day.
    package var now: Timestamp

    /// Nothing is known but the time.
    package init(now: Timestamp) {
        self.now = now
    }

    /// An integration as it is.
    package struct SeenIntegration: Sendable {
        /// What people call it.
        package var name: String
        /// Whether its key works.
        package var state: IntegrationState
        /// What BigPanda answered when that was found.
        package var reason: String?
        /// When its key ends.
        package var keyExpiresAt: Timestamp?
        /// Whether its closes wait because its BigPanda does not work.
        package var isHeld = false

        /// Names one.
        package init(_ name: String, _ state: IntegrationState) {
            self.name = name
            self.state = state
        }
    }

    /// A source as it is.
    package struct SeenSource: Sendable {
        /// What people call it.
        package var name: String
        /// Whether webhooks are taken in.
        package var isEnabled = true
        /// When it was made.
        package var createdAt: Timestamp
        /// When the last webhook was taken in.
        package var lastDeliveryAt: Timestamp?
        /// Whether it is told when webhooks that usually come stay away.
        package var isWatchedForQuiet = true
        /// What is known of its webhooks; `nil` for nothing.
        package var traffic: TrafficJudgement?
        /// Wrong secrets that it was shown since the start.
        package var wrongSecrets: Metrics.WrongSecrets?

        /// Names one.
        package init(_ name: String, createdAt: Timestamp) {
            self.name = name
            self.createdAt = createdAt
        }
    }
}

/// One thing that is not as it should be, and what to do about it.
package struct HealthFinding: Sendable, Equatable {
    /// How bad it is.
    package enum Severity: String, Sendable, CaseIterable {
        /// Worth knowing; nothing is lost by waiting.
        case notice
        /// Work waits, or soon will.
        case warning
        /// Something does not get done until somebody acts.
        case error
    }

    /// Names the kind of finding; never changes.
    package let code: Code
    /// How bad it is.
    package let severity: Severity
    /// What it is about, such as the name of an integration.
    package let subject: String
    /// What was seen, in words.
    package let seen: String
    /// What to do.
    package let action: String

    /// Every kind of finding.
    package enum Code: String, Sendable, CaseIterable {
        case storeUnavailable = "store_unavailable"
        case diskLow = "disk_low"
        case backlog
        case stopping
        case closesFailed = "closes_failed"
        case closesLate = "closes_late"
        case noIntegration = "no_integration"
        case integrationPaused = "integration_paused"
        case integrationUnreachable = "integration_unreachable"
        case breakerOpen = "breaker_open"
        case keyExpired = "key_expired"
        case keyExpiring = "key_expiring"
        case noSource = "no_source"
        case sourceDisabled = "source_disabled"
        case sourceNeverUsed = "source_never_used"
        case sourceQuiet = "source_quiet"
        case sourceWrongSecret = "source_wrong_secret"
        case canaryFailed = "canary_failed"
        case canaryLate = "canary_late"
        case endpointDisabled = "webhook_endpoint_disabled"
        case endpointFailing = "webhook_endpoint_failing"
        case webhooksLate = "outbound_late"
        case gatewaysBehind = "gateways_behind"
        case clockWrong = "clock_wrong"
    }
}
