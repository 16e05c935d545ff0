import Alerts
import BigPanda
import Curl
import EventLoop
import Logging

/// Everything that works without being asked by a request.
@LoopActor
final class Workers {
    let connections: Connections
    let closeWorker: CloseWorker
    let reconciler: Reconciler
    let outboundWorker: OutboundWorker
    /// Posts to webhook endpoints; what goes to BigPanda has another.
    private let outboundCurl: CurlDriver
    let health: StoreHealth
    let refusals: RefusalJournal
    let trafficWatch: TrafficWatch
    let canaryRunner: CanaryRunner
    private let loopWatch: LoopWatch
    private let pruner: Pruner
    private let keyRechecker: KeyRechecker
    private let keyExpiryWatch: KeyExpiryWatch
    private let journalPruner: JournalPruner
    /// What one gateway does for all that share its store.
    private let upkeep: Lease
    private var upkeepEnd: Task<Void, Never>?
    /// The public listener's certificate, if it has one.
    var certificate: CertificateKeeper?
    /// Whether the process was asked to stop.
    private(set) var isDraining = false

    init(
        store: any AlertStore & ReconcileStore & DeliveryStore & ActivityStore & AuditStore
            & TrafficStore & CanaryStore & OutboundStore,
        coordination: any Coordination, directory: Directory, curl: CurlDriver,
        outboundCurl: CurlDriver, metrics: Metrics, _ configuration: Configuration,
        clock: WallClock, log: Logger
    ) {
        connections = Connections(directory: directory, coordination: coordination) {
            endpoint, key in
            BigPandaClient(driver: curl, endpoint: endpoint, key: key)
        }
        closeWorker = CloseWorker(
            store: store, coordination: coordination, directory: directory,
            connections: connections, metrics: metrics, clock: clock, log: log)
        self.outboundCurl = outboundCurl
        outboundWorker = OutboundWorker(
            store: store, isShared: coordination.isShared,
            caller: OutboundCaller(
                curl: outboundCurl, policy: configuration.webhookAddresses, clock: clock),
            metrics: metrics, clock: clock, log: log)
        loopWatch = LoopWatch(metrics: metrics)
        reconciler = Reconciler(
            Reconciler.Parts(
                store: store, directory: directory, connections: connections, metrics: metrics,
                clock: clock, log: log), interval: configuration.reconcileInterval)
        refusals = RefusalJournal(store: store)
        keyExpiryWatch = KeyExpiryWatch(directory: directory, clock: clock, log: log)
        health = StoreHealth(store: store, log: log)
        upkeep = Lease(.upkeep, by: coordination, for: .random(), log: log)
        let upkeep = upkeep
        // The lease tells some of these when it is gained: they may not keep it.
        let isOnDuty: @LoopActor () -> Bool = { [weak upkeep] in upkeep?.isHeld ?? false }
        let retention = Duration.seconds(configuration.retentionDays * 86_400)
        pruner = Pruner(
            store: store, retention: retention, clock: clock, log: log, isOnDuty: isOnDuty)
        journalPruner = JournalPruner(
            store: store, retention: retention, bytesMax: configuration.journalBytes, clock: clock,
            log: log, isOnDuty: isOnDuty)
        keyRechecker = KeyRechecker(
            directory: directory, connections: connections, log: log, isOnDuty: isOnDuty)
        canaryRunner = CanaryRunner(
            CanaryFlight.Parts(
                store: store, directory: directory, clock: clock,
                perform: CanaryCall.perform(by: curl)), log: log, isOnDuty: isOnDuty)
        trafficWatch = TrafficWatch(
            store: store, directory: directory, clock: clock, log: log, isOnDuty: isOnDuty)
        reconciler.isOnDuty = isOnDuty
        beginOnDuty()
        hearOf(directory)
    }

    /// Says what begins when upkeep becomes this gateway's duty.
    private func beginOnDuty() {
        let (reconciler, keyRechecker, canaryRunner) = (reconciler, keyRechecker, canaryRunner)
        upkeep.onGained = {
            reconciler.start()
            keyRechecker.start()
            canaryRunner.kick()
        }
    }

    /// Says who hears what another gateway, or a request, did.
    private func hearOf(_ directory: Directory) {
        let (closeWorker, connections) = (closeWorker, connections)
        let (outboundWorker, canaryRunner) = (outboundWorker, canaryRunner)
        canaryRunner.onCloseOwed = { closeWorker.kick() }
        directory.onIntegrationUsable = { closeWorker.integrationBecameUsable($0) }
        directory.onIntegrationGone = { connections.forget($0) }
        directory.link.onNews { news in
            LoopActor.spawn {
                switch news {
                case .closesOwed: closeWorker.kick()
                case .directoryChanged:
                    outboundWorker.endpointsChanged()
                    await directory.refresh()
                    canaryRunner.kick()
                }
            }
        }
    }

    /// Takes up what is owed, and finds out whether the store can be written.
    ///
    /// Callback URLs begin with `publicURL`.
    func start(under publicURL: String) {
        canaryRunner.publicURL = publicURL
        health.probe()
        loopWatch.start()
        closeWorker.kick()
        outboundWorker.start()
        upkeep.start()
        pruner.start()
        journalPruner.start()
        keyExpiryWatch.start()
        trafficWatch.start()
    }

    /// Begins nothing new.
    func stopTakingUp() {
        isDraining = true
        loopWatch.stop()
        let upkeep = upkeep
        upkeepEnd = LoopActor.spawn { await upkeep.stop() }
        closeWorker.stop()
        outboundWorker.stop()
        reconciler.stop()
        pruner.stop()
        keyRechecker.stop()
        keyExpiryWatch.stop()
        trafficWatch.stop()
        canaryRunner.stop()
        journalPruner.stop()
    }

    /// Waits for closes under way; what is not done by then is looked at after the next start.
    func stop(within patience: Duration) async {
        let deadline = ContinuousClock.now + patience
        await upkeepEnd?.value
        while closeWorker.underWayCount + outboundWorker.underWayCount > 0,
            ContinuousClock.now < deadline
        {
            await Timer.wait(.milliseconds(20))
        }
        connections.close()
        outboundCurl.close()
        // What was broken off is given back, so that nobody has to wait for its lease.
        let end = ContinuousClock.now + Limits.outboundGiveBackMax
        while outboundWorker.underWayCount > 0, ContinuousClock.now < end {
            await Timer.wait(.milliseconds(20))
        }
        await refusals.stop()
        health.stop()
    }
}
