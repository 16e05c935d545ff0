import Alerts
import EventLoop
import GatewayTesting
import Logging
import Synchronization
import Testing

@testable import GatewayApp

@Suite struct KeyExpiryWatchTests {
    private typealias Sample = StoreContract.Sample

    private final class Lines: Sendable {
        let said = Mutex<[String]>([])
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let expiry = event.metadata?["expiry"].map { "\($0)" } ?? ""
            lines.said.withLock { $0.append(expiry) }
        }
    }

    @Test func `each threshold is told once, and anew for another end`() async throws {
        try await LoopFixture.run {
            let (clock, store, lines) = (ManualClock(), MemoryAlertStore(), Lines())
            let wall = WallClock { Timestamp(milliseconds: clock.wallMilliseconds()) }
            let directory = Directory(store: store, clock: wall)
            var integration = Sample.integration()
            integration.keyExpiresAt = wall.now + .seconds(31 * 86_400)
            try await directory.insert(integration, key: APIKey("a-key-of-a-test"))
            let log = Logger(label: "test") { _ in Handler(lines: lines) }
            let watch = KeyExpiryWatch(directory: directory, clock: wall, log: log)
            for _ in 0..<(33 * 24) {
                watch.look()
                clock.advance(by: .seconds(3600))
            }
            let thresholds = ["within_30_days", "within_7_days", "within_1_day", "expired"]
            #expect(lines.said.withLock { $0 } == thresholds)
            _ = try await directory.change(integration.id) { integration in
                integration.keyExpiresAt = wall.now + .seconds(3600)
                return true
            }
            watch.look()
            watch.look()
            #expect(lines.said.withLock { $0 } == thresholds + ["within_1_day"])
        }
    }
}
