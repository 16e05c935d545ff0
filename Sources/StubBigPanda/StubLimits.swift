/// The bounds of the stub; it holds everything in memory.
package enum StubLimits {
    /// Incidents at once: what a load test creates, with room.
    package static let incidentsMax = 200_000
    /// Calls kept for `GET /_stub/calls`; the oldest go first.
    package static let callsMax = 100_000
    /// Deliveries kept for `GET /_stub/deliveries`; the oldest go first.
    package static let deliveriesMax = 20_000
    /// Webhooks that wait to be posted; what comes on top is recorded as lost.
    package static let webhooksQueuedMax = 100_000
    /// Incidents whose webhooks are posted at the same time.
    package static let webhookLanesMax = 32
    /// Faults ordered at the same time.
    package static let faultsMax = 1_000
    /// The longest wait that a fault or setting may order, in milliseconds.
    package static let delayMillisecondsMax: Int64 = 600_000
    /// Bytes of a request's body, at the vendor's API and at the control API.
    package static let bodyBytesMax = 262_144
    /// How long the receiver of a webhook may take to answer.
    package static let webhookDurationMax = Duration.seconds(10)
    /// Connections that the kernel holds until they are accepted.
    package static let backlog = 1_024
    /// Activities kept for each incident; the oldest go first.
    package static let activitiesMax = 100
    /// Environments at once.
    package static let environmentsMax = 1_000
    /// Incidents on one page of a list.
    ///
    /// Source: docs/bigpanda.md, "Reading incidents": about 100.
    package static let pageSizeMax = 100
    /// The same when alerts are expanded; more is answered 400.
    package static let expandedPageSizeMax = 10
    /// Characters of a search.
    package static let queryScalarsMax = 2_000
    /// Webhook v2 integrations.
    static let outboundMax = 100
}
