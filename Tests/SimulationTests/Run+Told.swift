import Alerts
import GatewayTesting

// A webhook endpoint that is told of everything, and what it has to hear.
extension Run {
    private static let endpointID = EndpointID("whe_1")

    /// Whether there is one: what it costs is spent on some histories only.
    private var hasEndpoint: Bool { history.seed.isMultiple(of: 4) }

    /// Makes the endpoint.
    func prepareEndpoint() async throws {
        guard hasEndpoint else { return }
        let endpoint = OutboundEndpoint(
            id: Self.endpointID, name: "told", url: "https://told.example/",
            events: OutboundEvent.choices, at: Moment.stamp(0))
        try await door.store.insert(endpoint, secret: SigningSecret("whsec_"))
    }

    /// Holds what the endpoint is told against the timelines.
    func judgeTold() async throws {
        guard hasEndpoint else { return }
        let told = try await eventsByAlert()
        for number in expectations.keys.sorted() {
            let id = Self.alertID(number)
            let timeline = try await door.store.timeline(of: id, limit: 500)
            let happened = timeline.compactMap { Self.event(of: $0.outcome) }
            let heard = told[id, default: []].filter(Self.isInTimelines)
            try require(
                heard == happened, .told, "incident \(number): \(heard), and \(happened) happened")
        }
    }

    private func eventsByAlert() async throws -> [AlertID: [OutboundEvent]] {
        var newestFirst: [OutboundMessage] = []
        var query = MessageQuery(of: Self.endpointID, limit: 500)
        repeat {
            let page = try await door.store.messages(query)
            newestFirst += page.items
            query.cursor = page.next
        } while query.cursor != nil
        var told: [AlertID: [OutboundEvent]] = [:]
        for message in newestFirst.reversed() {
            guard let id = message.alertID else { continue }
            told[id, default: []].append(message.event)
        }
        return told
    }

    private static func event(of outcome: Outcome) -> OutboundEvent? {
        switch outcome {
        case .created: .alertCreated
        case .resolved: .alertResolved
        case .refired: .alertRefired
        case .closeConfirmed: .closeConfirmed
        // A call that failed when its close had ended already is in the timeline only.
        case .updated, .duplicate, .ignoredStale, .closeOwed, .closeSent, .closeDelayed,
            .closeFailed, .closeCancelled:
            nil
        }
    }

    private static func isInTimelines(_ event: OutboundEvent) -> Bool {
        switch event {
        case .alertCreated, .alertResolved, .alertRefired, .closeConfirmed: true
        case .alertUpdated, .closeFailed, .endpointTest: false
        }
    }
}
