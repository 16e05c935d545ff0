import Alerts
import EventLoop
import GatewayTesting

/// What gateways on one store agree by, in memory, on a clock that stands.
@LoopActor
final class SharedCoordination: Coordination {
    nonisolated var isShared: Bool { true }
    /// Milliseconds that the store's clock shows.
    var now: Int64 = 1_000_000
    /// Whether claims still stand.
    var isOwed = true
    /// Whether nobody can say that they do.
    var failsToRenew = false
    /// Whether each call fails.
    var isAway = false
    /// Whether answers wait.
    var isHeldUp = false
    private(set) var places = CallPlaces.fresh
    private(set) var leaseAsksCount = 0
    private(set) var placeAsksCount = 0
    private(set) var renewalsCount = 0
    private var holder: ReplicaID?

    @LoopActor
    func takeLease(
        _ name: LeaseName, for holder: ReplicaID, lasting duration: Duration
    ) async throws(StoreError) -> Bool {
        leaseAsksCount += 1
        try check()
        if self.holder == nil { self.holder = holder }
        return self.holder == holder
    }

    @LoopActor
    func giveLease(_ name: LeaseName, of holder: ReplicaID) async throws(StoreError) {
        try check()
        if self.holder == holder { self.holder = nil }
    }

    @LoopActor
    func takePlace(for id: IntegrationID) async throws(StoreError) -> CallPlaces.Decision {
        placeAsksCount += 1
        try check()
        while isHeldUp { await LoopTurn.next() }
        return places.take(at: Timestamp(milliseconds: now)).decision
    }

    @LoopActor
    func givePlace(
        _ ticket: CallPlaces.Ticket, for id: IntegrationID
    ) async throws(StoreError) {
        try check()
        places.end(ticket, at: Timestamp(milliseconds: now))
    }

    @LoopActor
    func renew(_ claimed: ClaimedClose, at now: Timestamp) async throws(StoreError) -> Bool {
        renewalsCount += 1
        try check()
        guard !failsToRenew else { throw StoreError(.inputOutput, "The store is away.") }
        return isOwed
    }

    @LoopActor
    private func check() throws(StoreError) {
        if isAway { throw StoreError(.inputOutput, "The store is away.") }
    }
}
