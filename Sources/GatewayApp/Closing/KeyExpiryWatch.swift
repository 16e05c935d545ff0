import Alerts
import EventLoop
import Logging

/// Logs that an API key is about to end: once for each of `KeyExpiry`, and anew after a start.
@LoopActor
final class KeyExpiryWatch {
    private let directory: Directory
    private let clock: WallClock
    private let log: Logger
    private let timer = Timer()
    private var isStopped = false
    private var told: [IntegrationID: Told] = [:]

    private struct Told: Equatable {
        let end: Timestamp?
        let expiry: KeyExpiry
    }

    /// Days are counted, so that an hour more or less is no matter.
    private static let interval = Duration.seconds(3600)

    init(directory: Directory, clock: WallClock, log: Logger) {
        self.directory = directory
        self.clock = clock
        self.log = log
    }

    /// Looks now, and once an hour from then on.
    func start() {
        guard !isStopped else { return }
        look()
        timer.start(after: Self.interval) { [weak self] in self?.start() }
    }

    /// Looks no more.
    func stop() {
        isStopped = true
        timer.stop()
    }

    /// Tells what was not told yet.
    func look() {
        for integration in directory.integrations {
            guard let expiry = integration.keyExpiry(at: clock.now) else {
                told[integration.id] = nil
                continue
            }
            let news = Told(end: integration.keyExpiresAt, expiry: expiry)
            guard told[integration.id] != news else { continue }
            told[integration.id] = news
            log.warning(
                expiry == .expired
                    ? "The API key of an integration has ended; replace it."
                    : "The API key of an integration ends soon; replace it before.",
                metadata: [
                    "integration": "\(integration.id)", "expiry": "\(expiry.rawValue)",
                    "key_expires_at": "\(integration.keyExpiresAt?.rfc3339 ?? "")",
                ])
        }
    }
}
