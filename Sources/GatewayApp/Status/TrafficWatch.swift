import Alerts
import EventLoop
import Logging

/// Learns when each source's webhooks usually come, and notices when they stay away.
///
/// Looks once a minute at what the store counts anyway; webhooks cost nothing more. One gateway on
/// a store learns, the others take over what it wrote.
@LoopActor
final class TrafficWatch {
    private let store: any TrafficStore
    private let directory: Directory
    private let clock: WallClock
    private let log: Logger
    private let isOnDuty: @LoopActor () -> Bool
    private let timer = Timer()
    private var isStopped = false
    private var told: Set<SourceID> = []

    /// What was known at the last look; empty before the first.
    private var profiles: [SourceID: TrafficProfile] = [:]

    /// Spans last ten minutes, so that one is a minute off at most.
    private static let interval = Duration.seconds(60)

    init(
        store: any TrafficStore, directory: Directory, clock: WallClock, log: Logger,
        isOnDuty: @escaping @LoopActor () -> Bool
    ) {
        self.store = store
        self.directory = directory
        self.clock = clock
        self.log = log
        self.isOnDuty = isOnDuty
    }

    /// Looks now, and once a minute from then on.
    func start() {
        guard !isStopped else { return }
        LoopActor.spawn { [self] in
            await look()
            guard !isStopped else { return }
            timer.start(after: Self.interval) { [weak self] in self?.start() }
        }
    }

    /// Looks no more.
    func stop() {
        isStopped = true
        timer.stop()
    }

    /// What is to be said of a source as it is now; `nil` when it is off.
    func judgement(of source: Source) -> TrafficJudgement? {
        guard source.isEnabled else { return nil }
        return (profiles[source.id] ?? TrafficProfile()).judge(count: source.deliveryCount)
    }

    /// Whether webhooks of a source are missing that somebody wants to be told of.
    func isQuiet(_ source: Source) -> Bool {
        source.isWatchedForQuiet && judgement(of: source)?.state == .quiet
    }

    /// Takes in what was counted.
    func look() async {
        do throws(StoreError) {
            let sources = try await directory.sources()
            var profiles = try await store.trafficProfiles()
            if isOnDuty() {
                var changed: [SourceID: TrafficProfile] = [:]
                for source in sources {
                    let before = profiles[source.id] ?? TrafficProfile()
                    var profile = before
                    profile.take(source, at: clock.now)
                    profiles[source.id] = profile
                    if profile != before { changed[source.id] = profile }
                }
                if !changed.isEmpty { try await store.write(changed) }
            }
            self.profiles = profiles
            if isOnDuty() { tell(sources) }
        } catch {
            log.storeFailed("Sources could not be looked at.", error)
        }
    }

    /// Logs what has become quiet, and what is so no more.
    private func tell(_ sources: [Source]) {
        for source in sources {
            let metadata: Logger.Metadata = [
                "source": "\(source.id)",
                "last_delivery_at": "\(source.lastDeliveryAt?.rfc3339 ?? "")",
            ]
            if !isQuiet(source) {
                guard told.remove(source.id) != nil else { continue }
                log.notice("The source is not quiet any more.", metadata: metadata)
            } else if told.insert(source.id).inserted {
                log.warning("Webhooks that usually come stay away.", metadata: metadata)
            }
        }
        told.formIntersection(sources.map(\.id))
    }
}

extension TrafficProfile {
    fileprivate mutating func take(_ source: Source, at now: Timestamp) {
        if source.isEnabled {
            observe(count: source.deliveryCount, at: now)
        } else {
            pause()
        }
    }
}
