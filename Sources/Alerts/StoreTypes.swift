/// One webhook on its way into the store.
///
/// A class, since it goes from hand to hand and has some twenty texts, each of which a copy would
/// count.
package final class WebhookArrival: Sendable, Equatable {
    /// The source that it came through.
    package let sourceID: SourceID
    /// The secret that opened it; `nil` for a replay, which counts as no use of its source.
    package let secretID: SecretID?
    /// What it says.
    package let event: WebhookEvent
    /// The id that the alert gets if this is the first of its incident.
    package let newAlertID: AlertID
    /// When it arrived.
    package let receivedAt: Timestamp
    /// What was sent, for the journal.
    package let request: DeliveryRequest
    /// What the audit log says of it; one entry for a replay, none for a webhook.
    package let audit: [AuditEntry]

    /// Makes an arrival.
    package init(
        sourceID: SourceID, secretID: SecretID?, event: WebhookEvent, newAlertID: AlertID,
        receivedAt: Timestamp, request: DeliveryRequest = DeliveryRequest(),
        audit: [AuditEntry] = []
    ) {
        self.sourceID = sourceID
        self.secretID = secretID
        self.event = event
        self.newAlertID = newAlertID
        self.receivedAt = receivedAt
        self.request = request
        self.audit = audit
    }

    /// Whether both say the same.
    package static func == (lhs: WebhookArrival, rhs: WebhookArrival) -> Bool {
        lhs.sourceID == rhs.sourceID && lhs.secretID == rhs.secretID && lhs.event == rhs.event
            && lhs.newAlertID == rhs.newAlertID && lhs.receivedAt == rhs.receivedAt
            && lhs.request == rhs.request && lhs.audit == rhs.audit
    }

    /// The bytes that it holds in memory while it waits for the store.
    package var bytes: Int { (request.body?.count ?? 0) + request.headerLines.count }
}

/// What a webhook came to.
package struct WebhookResult: Sendable, Equatable {
    /// The alert it belongs to.
    package let alertID: AlertID
    /// What came of it.
    package let outcome: Outcome
    /// The alert's status afterwards.
    package let status: AlertStatus
    /// Whether BigPanda is to be asked at once.
    package let wantsReading: Bool
    /// Its entry in the journal.
    package let deliveryID: DeliveryID

    /// Makes a result.
    package init(
        alertID: AlertID, outcome: Outcome, status: AlertStatus, wantsReading: Bool,
        deliveryID: DeliveryID
    ) {
        self.deliveryID = deliveryID
        self.alertID = alertID
        self.outcome = outcome
        self.status = status
        self.wantsReading = wantsReading
    }
}

/// Some of a long list, and where to go on.
package struct Page<Item: Sendable>: Sendable {
    /// The items.
    package let items: [Item]
    /// Where the next page begins; `nil` after the last.
    package let next: PageCursor?

    /// Makes a page.
    package init(items: [Item], next: PageCursor?) {
        self.items = items
        self.next = next
    }
}

/// A place in a list: the sequence number of the last item seen.
package struct PageCursor: Sendable, Equatable {
    /// Items with a smaller number follow.
    package let sequence: Int64

    /// Makes a cursor.
    package init(sequence: Int64) {
        self.sequence = sequence
    }
}

/// Which alerts to list; a missing filter lets all through.
package struct AlertQuery: Sendable, Equatable {
    /// Only those with this status.
    package var status: AlertStatus?
    /// Only those of this source.
    package var sourceID: SourceID?
    /// Only those of this severity, in lower case.
    package var severity: String?
    /// Only the alerts of this incident.
    package var incidentID: String?
    /// Only those that have this text, in any letter case, in title, summary, incident id or tags.
    package var text: String?
    /// Where to go on.
    package var cursor: PageCursor?
    /// Items at most, 1 to 500.
    package var limit: Int

    /// Asks for the first `limit` of all.
    package init(limit: Int = 50) {
        self.limit = limit
    }
}

/// Which closes to list; a missing filter lets all through.
package struct CloseQuery: Sendable, Equatable {
    /// Only those in this state.
    package var state: CloseState?
    /// Where to go on.
    package var cursor: PageCursor?
    /// Items at most, 1 to 500.
    package var limit: Int

    /// Asks for the first `limit` of all.
    package init(limit: Int = 50) {
        self.limit = limit
    }
}

/// How many due closes to take up, and which not.
package struct CloseClaim: Sendable, Equatable {
    /// Those due at this moment.
    package let at: Timestamp
    /// Items at most.
    package let limit: Int
    /// Integrations that have no room for another call.
    package let excludedIntegrations: Set<IntegrationID>
    /// Alerts for which a call is under way.
    package let excludedAlerts: Set<AlertID>

    /// Makes a claim.
    package init(
        at: Timestamp, limit: Int, excludedIntegrations: Set<IntegrationID> = [],
        excludedAlerts: Set<AlertID> = []
    ) {
        self.at = at
        self.limit = limit
        self.excludedIntegrations = excludedIntegrations
        self.excludedAlerts = excludedAlerts
    }
}

/// A close that the worker took up, with what the call needs.
package struct ClaimedClose: Sendable, Equatable {
    /// The close as it is stored, before the call.
    package let close: Close
    /// The integration that the alert's source belongs to.
    package let integrationID: IntegrationID
    /// BigPanda's id of the incident.
    package let incidentID: String
    /// Where the incident was last seen, if anywhere.
    package let environmentID: String?
    /// Which claim of this close it is; `nil` from a store that only one process uses.
    package let fence: Int64?

    /// Makes a claimed close.
    package init(
        close: Close, integrationID: IntegrationID, incidentID: String, environmentID: String?,
        fence: Int64? = nil
    ) {
        self.fence = fence
        self.close = close
        self.integrationID = integrationID
        self.incidentID = incidentID
        self.environmentID = environmentID
    }
}

/// How many alerts and closes there are.
package struct StoreStatistics: Sendable, Equatable {
    /// Alerts by status.
    package var alerts: [AlertStatus: Int]
    /// Closes by state.
    package var closes: [CloseState: Int]
    /// When the oldest close that has not ended became owed.
    package var oldestOwedClose: Timestamp?

    /// Makes a count.
    package init(
        alerts: [AlertStatus: Int] = [:], closes: [CloseState: Int] = [:],
        oldestOwedClose: Timestamp? = nil
    ) {
        self.alerts = alerts
        self.closes = closes
        self.oldestOwedClose = oldestOwedClose
    }
}
