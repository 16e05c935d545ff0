/// Keeps alerts, their timelines and their closes; every call is one transaction.
///
/// A call that returned is durable; one that threw has changed nothing. Decisions are not the
/// store's: inside the transaction it loads what a call names, asks `AlertMachine` or
/// `CloseMachine`, and writes what they return.
package protocol AlertStore: Sendable {
    /// Takes in the webhooks that `next` gives, in order; the results are in the same order.
    ///
    /// `next` is called once, on any thread, when the store has come to this call and not before:
    /// so what arrives while it is busy can still come along. A call that throws may not have done
    /// so.
    func apply(
        taking next: @Sendable () -> [WebhookArrival]
    ) async throws(StoreError) -> [WebhookResult]
    /// Whether the store carries out calls of `apply(taking:)` one after the other, so that the
    /// next may be made while it is busy with one; otherwise the order of webhooks would be lost.
    var appliesInTurn: Bool { get }
    /// Resolves an alert and makes its close owed; `nil` when there is no such alert.
    func resolve(
        _ request: AlertMachine.ResolveRequest, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change?
    /// Brings an alert in line with a reading; `nil` when there is no such alert.
    func apply(
        _ reading: IncidentReading, to alertID: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change?

    /// One alert with its newest close.
    func alert(_ id: AlertID) async throws(StoreError) -> AlertMachine.Subject?
    /// An alert's timeline, oldest first, the newest `limit` entries.
    func timeline(of id: AlertID, limit: Int) async throws(StoreError) -> [Transition]
    /// Alerts by filter, newest change first.
    func alerts(_ query: AlertQuery) async throws(StoreError) -> Page<AlertMachine.Subject>

    /// Takes up due closes (`CloseMachine.claim`), those longest due first, and none of an
    /// integration that is paused, nor of an alert or integration that the claim excludes.
    func claimDueCloses(_ claim: CloseClaim) async throws(StoreError) -> [ClaimedClose]
    /// Records what a call for a close came to; `nil` when there is no such close.
    func conclude(
        _ conclusion: CloseMachine.Conclusion
    ) async throws(StoreError) -> AlertMachine.Change?
    /// When the next close is due, but for those of paused and of excluded integrations; `nil` when
    /// none is owed.
    func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) async throws(StoreError) -> Timestamp?
    /// Makes closes that were under way when the process ended due again; returns how many.
    ///
    /// A store that several replicas use leaves those alone whose lease (`CloseMachine.lease`) has
    /// not run out.
    func recoverInterruptedCloses(at now: Timestamp) async throws(StoreError) -> Int
    /// An operator's wish that a close be tried now; `nil` when there is no such close.
    func retryClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>?
    /// An operator's word that a close is not owed; `nil` when there is no such close.
    func cancelClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>?
    /// Closes by state, newest first.
    func closes(_ query: CloseQuery) async throws(StoreError) -> Page<Close>
    /// How many alerts and closes there are in each state.
    func statistics() async throws(StoreError) -> StoreStatistics

    /// Removes at most `limit` alerts that were resolved before `moment` and owe no close, with
    /// their timelines and closes; returns how many alerts went.
    func prune(resolvedBefore moment: Timestamp, limit: Int) async throws(StoreError) -> Int
    /// Proves that the store can be written, by writing something that changes nothing.
    func checkWritable() async throws(StoreError)
    /// Ends the use of the store; calls that follow throw `closed`.
    func close() async
}

extension AlertStore {
    /// Takes in webhooks, in order; the results are in the same order.
    package func apply(_ batch: [WebhookArrival]) async throws(StoreError) -> [WebhookResult] {
        try await apply { batch }
    }
}

/// Tells of its own trouble, for somebody to look at it more closely.
package protocol WatchedStore: Sendable {
    /// Has `body` called, on any thread, after each call that the store could not carry out because
    /// of the store: what contradicts its content does not count.
    func onTrouble(_ body: @escaping @Sendable () -> Void)
}

/// Keeps integrations and sources.
package protocol DirectoryStore: AdminTokenStore {
    /// All integrations, by name.
    func integrations() async throws(StoreError) -> [Integration]
    /// Adds an integration and seals its key.
    func insert(_ integration: Integration, key: APIKey) async throws(StoreError)
    /// Writes an integration over `before`; its key stays unless a new one is given.
    ///
    /// - Returns: False when it is not as it was `before` any more, since somebody changed it.
    func update(
        _ integration: Integration, over before: Integration, key: APIKey?
    ) async throws(StoreError) -> Bool
    /// Removes an integration that no source belongs to and no close is owed for.
    func removeIntegration(_ id: IntegrationID) async throws(StoreError) -> IntegrationRemoval
    /// The key of an integration, unsealed; `nil` when there is no such integration.
    func apiKey(of id: IntegrationID) async throws(StoreError) -> APIKey?

    /// All sources, by name.
    func sources() async throws(StoreError) -> [Source]
    /// Adds a source.
    func insert(_ source: Source) async throws(StoreError)
    /// Writes a source's name, switches and secrets over `before`; counts and times of use stay.
    ///
    /// - Returns: False when its definition is not as it was `before` any more, since somebody
    ///   changed it.
    func update(_ source: Source, over before: Source) async throws(StoreError) -> Bool
    /// Takes a source out of use; its alerts stay, and the closes they owe are still made.
    ///
    /// - Returns: Whether there was one.
    func removeSource(_ id: SourceID, at now: Timestamp) async throws(StoreError) -> Bool

    /// What webhooks to endpoints are signed with, unsealed: all that is kept, in no order.
    func signingSecrets() async throws(StoreError) -> [SigningSecret]
}

/// What came of removing an integration.
package enum IntegrationRemoval: Sendable, Equatable {
    /// It is gone, its key too.
    case removed
    /// There was none.
    case notFound
    /// Sources still belong to it.
    case hasSources(count: Int)
    /// Closes are still owed for it.
    case owesCloses(count: Int)
}
