import Alerts

/// The columns of `webhook_endpoints` and `webhook_messages`, in the order in which they are read
/// and written, in every database.
enum OutboundColumns {
    /// What an endpoint shows.
    static let endpoint = [
        "id", "name", "url", "events", "is_enabled", "disabled_reason", "failures",
        "failing_since", "last_success_at", "secret_created_at", "previous_secret_ends_at",
        "created_at", "updated_at",
    ]
    /// What a message shows, its number first.
    static let message = [
        "key", "lot", "event", "alert_id", "created_at", "state", "attempts", "next_attempt_at",
        "attempted_at", "attempt_duration", "status_code", "error",
    ]
    /// What a try changes.
    static let tried = Array(message[5...])

    /// What is owed and may be posted: no older message about the same alert is owed to the same
    /// endpoint.
    static let isNext = """
        m.state = 'pending' AND NOT EXISTS (
            SELECT 1 FROM webhook_messages o
            WHERE o.endpoint_key = m.endpoint_key AND o.alert_id = m.alert_id
                AND o.key < m.key AND o.state = 'pending')
        """

    /// Whom there are messages for, found by a few steps through an index however many there are.
    static let known = """
        WITH RECURSIVE known(endpoint_key) AS (
            SELECT min(endpoint_key) FROM webhook_messages UNION ALL
            SELECT (SELECT min(endpoint_key) FROM webhook_messages m
                WHERE m.endpoint_key > known.endpoint_key)
            FROM known WHERE endpoint_key IS NOT NULL)
        """

    /// Columns of the table called `name`.
    static func list(_ columns: [String], of name: String? = nil) -> String {
        columns.map { column in name.map { "\($0).\(column)" } ?? column }
            .joined(separator: ", ")
    }

    /// Events as a column holds them.
    static func text(_ events: [OutboundEvent]) -> String {
        events.map(\.rawValue).joined(separator: " ")
    }

    /// Events in a column; what another version wrote and this one does not know is passed over.
    static func events(in text: String) -> [OutboundEvent] {
        text.split(separator: " ").compactMap { OutboundEvent(rawValue: String($0)) }
    }
}

/// An endpoint that is told of things.
struct OutboundTarget: Sendable {
    let key: Int64
    let events: [OutboundEvent]
}

/// A message on its way into its row.
struct NewMessage: Sendable {
    let endpointKey: Int64
    let lot: Int64
    let event: OutboundEvent
    let alertID: AlertID?
    let at: Timestamp
    let body: String

    init(
        endpointKey: Int64, event: OutboundEvent, alertID: AlertID?, at now: Timestamp,
        body: String
    ) {
        self.endpointKey = endpointKey
        lot = .random(in: 0...Int64.max)
        self.event = event
        self.alertID = alertID
        at = now
        self.body = body
    }
}

/// What an endpoint's row holds besides what it shows.
struct EndpointRecord {
    let key: Int64
    let fence: Int64
    let endpoint: OutboundEndpoint
    let sealed: SealedSecrets
}

/// The secrets of an endpoint as its row holds them.
struct SealedSecrets: Sendable {
    let id: EndpointID
    let current: [UInt8]
    let previous: [UInt8]?

    /// All of them.
    var records: [[UInt8]] { [current] + (previous.map { [$0] } ?? []) }

    /// All of them, unsealed.
    func opened(by sealer: KeySealer) -> [SigningSecret] {
        records.compactMap { record in
            try? sealer.openSecret(record, for: id)  // One that does not open signs nothing either.
        }
    }
}

/// A round whose secrets are sealed.
struct SealedRound: Sendable {
    let endpoint: OutboundEndpoint
    let secrets: SealedSecrets
    let messages: [KeptMessage]
    let fence: Int64

    /// The round with its secrets; `now` decides whether the one before still signs.
    func opened(by sealer: KeySealer, at now: Timestamp) throws(StoreError) -> OutboundRound {
        var texts = [try sealer.openSecret(secrets.current, for: endpoint.id)]
        if let previous = secrets.previous, let end = endpoint.previousSecretEndsAt, end > now {
            texts.append(try sealer.openSecret(previous, for: endpoint.id))
        }
        return OutboundRound(
            endpointID: endpoint.id, url: endpoint.url, secrets: texts, messages: messages,
            fence: fence)
    }
}

/// What a round came to, worked out on what the rows hold.
struct ConcludedRound {
    /// The endpoint as it is to become.
    private(set) var endpoint: OutboundEndpoint
    /// Messages as they are to become.
    private(set) var messages: [OutboundMessage] = []
    /// Until when the endpoint is left alone, counted from the commit.
    private(set) var pause = Duration.zero
    /// Whether everything that is owed to it is due now.
    private(set) var isBack = false

    init(
        _ before: OutboundEndpoint, _ stored: [OutboundMessage], _ conclusion: OutboundConclusion
    ) {
        endpoint = before
        for attempt in conclusion.attempts {
            let last = endpoint
            endpoint = OutboundMachine.conclude(endpoint, with: attempt)
            pause = OutboundMachine.pause(after: endpoint, fraction: attempt.fraction)
            isBack = isBack || OutboundMachine.isBack(from: last, to: endpoint)
            guard let message = stored.first(where: { $0.id == attempt.messageID }) else {
                continue
            }
            messages.append(OutboundMachine.conclude(message, with: attempt))
        }
    }

    /// What the audit log says when the gateway itself disables an endpoint.
    func auditEntry(over before: OutboundEndpoint) -> AuditEntry? {
        guard before.isEnabled, !endpoint.isEnabled else { return nil }
        return AuditEntry(
            at: endpoint.updatedAt, .system, .endpointUpdate, endpoint.id.text,
            fields: ["enabled"])
    }
}
