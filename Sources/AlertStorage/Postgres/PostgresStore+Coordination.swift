package import Alerts
import EventLoop
import Postgres

extension PostgresStore: Coordination {
    /// Takes a lease, or prolongs one that is held.
    package func takeLease(
        _ name: LeaseName, for holder: ReplicaID, lasting duration: Duration
    ) async throws(StoreError) -> Bool {
        try await coordinate("Taking a lease") { (transaction) async throws(PostgresError) in
            try await transaction.takeLease(name, for: holder, lasting: duration)
        }
    }

    /// Gives a lease back, if it is held.
    package func giveLease(_ name: LeaseName, of holder: ReplicaID) async throws(StoreError) {
        try await coordinate("Giving a lease back") {
            (transaction) async throws(PostgresError) in
            transaction.giveLease(name, of: holder)
        }
    }

    /// Takes a place for a call, if one is free.
    package func takePlace(
        for id: IntegrationID
    ) async throws(StoreError) -> CallPlaces.Decision {
        try await coordinate("Asking for a call's turn") {
            (transaction) async throws(PostgresError) in
            try await transaction.takePlace(for: id)
        }
    }

    /// Gives back the place of a call that has ended.
    package func givePlace(
        _ ticket: CallPlaces.Ticket, for id: IntegrationID
    ) async throws(StoreError) {
        try await coordinate("Ending a call's turn") {
            (transaction) async throws(PostgresError) in
            try await transaction.givePlace(ticket, for: id)
        }
    }

    /// Prolongs a claim, for a call that is about to be made.
    package func renew(
        _ claimed: ClaimedClose, at now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await coordinate("Prolonging a claim") { (transaction) async throws(PostgresError) in
            try await transaction.renew(claimed, at: now)
        }
    }

    /// Who waits longer than a moment for leave is better off without it.
    private func coordinate<Result: Sendable>(
        _ what: String,
        _ body: @LoopActor (PostgresTransaction) async throws(PostgresError) -> Result
    ) async throws(StoreError) -> Result {
        try await core.write(what, within: PostgresStoreLimits.answerDuration, body)
    }
}
