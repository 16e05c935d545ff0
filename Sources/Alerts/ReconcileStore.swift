/// Keeps when each firing alert's incident is to be read back; every call is one transaction.
///
/// A store gives each firing alert its `ReadingPlan` in the transaction that makes or changes the
/// alert, by a `ReconcileSchedule` of its own. `AlertStore.apply` of a reading counts as one too.
package protocol ReconcileStore: Sendable {
    /// Firing alerts of an integration's sources whose reading is due at `moment`, those longest
    /// due first; removed sources count.
    func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [DueReading]
    /// What reading one alert's incident takes, due or not; `nil` when there is no such alert or
    /// its integration is gone.
    func reading(of id: AlertID) async throws(StoreError) -> DueReading?
    /// Brings alerts in line with readings, in order; `nil` for an alert that is gone.
    func apply(
        _ readings: [AlertReading], at now: Timestamp
    ) async throws(StoreError) -> [AlertMachine.Change?]
    /// Takes in that no environment holds an alert's incident, which BigPanda was asked for at
    /// `readAt`; `nil` when there is no such alert.
    func note(
        _ absence: IncidentAbsence, of id: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change?
    /// Makes an alert's reading due an interval later: this one came to nothing.
    func postponeReading(of id: AlertID, at now: Timestamp) async throws(StoreError)
    /// Makes at most `limit` of the readings that are planned for later due at `now`; returns how
    /// many those were.
    func makeReadingsDue(at now: Timestamp, limit: Int) async throws(StoreError) -> Int
}

/// An alert whose incident is to be read.
package struct DueReading: Sendable, Equatable {
    /// The alert.
    package let alertID: AlertID
    /// The integration that its source belongs to.
    package let integrationID: IntegrationID
    /// The source that the alert came by.
    package let sourceID: SourceID
    /// BigPanda's id of the incident.
    package let incidentID: String
    /// Where the incident was last seen, if anywhere.
    package let environmentID: String?

    /// Makes one.
    package init(
        alertID: AlertID, integrationID: IntegrationID, sourceID: SourceID, incidentID: String,
        environmentID: String?
    ) {
        self.alertID = alertID
        self.integrationID = integrationID
        self.sourceID = sourceID
        self.incidentID = incidentID
        self.environmentID = environmentID
    }
}

/// A reading and the alert it is for.
package struct AlertReading: Sendable, Equatable {
    /// The alert.
    package let alertID: AlertID
    /// What BigPanda told.
    package let reading: IncidentReading
    /// When BigPanda was asked.
    package let readAt: Timestamp

    /// Pairs them.
    package init(alertID: AlertID, reading: IncidentReading, readAt: Timestamp) {
        self.alertID = alertID
        self.reading = reading
        self.readAt = readAt
    }
}
