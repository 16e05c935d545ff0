/// What gateways on one store have to agree on before they act.
///
/// All times are the store's: what one gateway may do never depends on another's clock.
package protocol Coordination: Sendable {
    /// Whether other gateways may use the same store.
    var isShared: Bool { get }
    /// Takes a lease, or prolongs one that is held, for `duration` from now on.
    ///
    /// - Returns: Whether it is held now.
    func takeLease(
        _ name: LeaseName, for holder: ReplicaID, lasting duration: Duration
    ) async throws(StoreError) -> Bool
    /// Gives a lease back before its time, if it is held.
    func giveLease(_ name: LeaseName, of holder: ReplicaID) async throws(StoreError)
    /// Takes a place for a call to an integration's BigPanda, if one is free.
    func takePlace(for id: IntegrationID) async throws(StoreError) -> CallPlaces.Decision
    /// Gives back the place of a call that has ended just now.
    func givePlace(
        _ ticket: CallPlaces.Ticket, for id: IntegrationID
    ) async throws(StoreError)
    /// Prolongs a claim to `CloseMachine.lease` from now, for a call that is about to be made.
    ///
    /// - Returns: False when the close is not owed any more, or somebody else has taken it up.
    func renew(_ claimed: ClaimedClose, at now: Timestamp) async throws(StoreError) -> Bool
}

/// A gateway among those on one store; another one after each start.
package struct ReplicaID: Sendable, Hashable, CustomStringConvertible {
    /// The name that the store knows it by.
    package let text: String

    /// Takes a name.
    package init(_ text: String) {
        self.text = text
    }

    /// A name that nobody else has.
    package static func random() -> ReplicaID {
        let halves = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return ReplicaID("rep_" + halves.map { String($0, radix: 36) }.joined())
    }

    /// The name itself, which is no secret.
    package var description: String { text }
}

/// What one gateway at a time may do.
package enum LeaseName: String, Sendable, CaseIterable {
    /// Reading firing alerts back, pruning, and checking keys that were refused.
    case upkeep
}

/// The only gateway on its store: whatever it asks for, it may have.
package struct SoleReplica: Coordination {
    /// Makes one.
    package init() {}

    /// Nobody else is there.
    package var isShared: Bool { false }

    /// Always held.
    package func takeLease(
        _ name: LeaseName, for holder: ReplicaID, lasting duration: Duration
    ) async throws(StoreError) -> Bool { true }

    /// Nobody else wants it.
    package func giveLease(_ name: LeaseName, of holder: ReplicaID) async throws(StoreError) {}

    /// Its own budget is the only one.
    package func takePlace(
        for id: IntegrationID
    ) async throws(StoreError) -> CallPlaces.Decision { .start(CallPlaces.Ticket(0)) }

    /// As above.
    package func givePlace(
        _ ticket: CallPlaces.Ticket, for id: IntegrationID
    ) async throws(StoreError) {}

    /// Nobody else takes a close up.
    package func renew(
        _ claimed: ClaimedClose, at now: Timestamp
    ) async throws(StoreError) -> Bool { true }
}
