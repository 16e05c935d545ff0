import Alerts
import EventLoop
import GatewayTesting
import Logging
import Testing

@testable import GatewayApp

@Suite struct TrafficWatchTests {
    private typealias Sample = StoreContract.Sample
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A store with a source, a clock and a watch on both.
    @LoopActor
    private final class Fixture {
        let (clock, store) = (ManualClock(), MemoryAlertStore())
        let watch: TrafficWatch
        private var incidents = 0

        init(isOnDuty: Bool = true) async throws {
            let clock = clock
            let wall = WallClock { Timestamp(milliseconds: clock.wallMilliseconds()) }
            let directory = Directory(store: store, clock: wall)
            try await StoreContract.prepare(store)
            try await directory.load()
            watch = TrafficWatch(
                store: store, directory: directory, clock: wall, log: TrafficWatchTests.log,
                isOnDuty: { isOnDuty })
        }

        func deliver() async throws {
            incidents += 1
            _ = try await store.apply([Sample.arrival("inc-\(incidents)", .new)])
        }

        func source() async throws -> Source { try #require(try await store.sources().first) }

        var judgement: TrafficJudgement? {
            get async throws { watch.judgement(of: try await source()) }
        }

        var isQuiet: Bool {
            get async throws { watch.isQuiet(try await source()) }
        }

        func update(_ change: (inout Source) -> Void) async throws {
            var source = try await source()
            change(&source)
            try await store.update(source)
            await watch.look()
        }

        /// Lets spans go by, with a webhook in each if `busy`.
        func pass(spans: Int, busy: Bool) async throws {
            for _ in 0..<spans {
                if busy { try await deliver() }
                clock.advance(by: .seconds(600))
                await watch.look()
            }
        }
    }

    @Test func `what was learned is stored, and a new start goes on with it`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            await fixture.watch.look()
            try await fixture.pass(spans: TrafficProfile.spansToLearn, busy: true)
            #expect(try await fixture.judgement?.state == .normal)
            try await fixture.pass(spans: 4, busy: false)
            #expect(try await fixture.judgement?.state == .normal)
            #expect(try await fixture.judgement?.silentSpans == 4)
            let clock = fixture.clock
            let wall = WallClock { Timestamp(milliseconds: clock.wallMilliseconds()) }
            let directory = Directory(store: fixture.store, clock: wall)
            try await directory.load()
            for (isOnDuty, expected) in [(false, TrafficJudgement.State.normal), (true, .quiet)] {
                let other = TrafficWatch(
                    store: fixture.store, directory: directory, clock: wall, log: Self.log,
                    isOnDuty: { isOnDuty })
                // A gateway that does not learn leaves the span to the other.
                if isOnDuty { clock.advance(by: .seconds(600)) }
                await other.look()
                let source = try await fixture.source()
                #expect(other.judgement(of: source)?.state == expected)
                #expect(other.isQuiet(source) == (expected == .quiet))
            }
        }
    }

    @Test func `a gateway that is not on duty learns nothing`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture(isOnDuty: false)
            try await fixture.pass(spans: 145, busy: true)
            #expect(try await fixture.judgement?.daysLearned == 0)
            #expect(try await fixture.store.trafficProfiles() == [:])
        }
    }

    @Test func `a source that is off, or that nobody asks about, is not quiet`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            await fixture.watch.look()
            try await fixture.pass(spans: TrafficProfile.spansToLearn, busy: true)
            try await fixture.pass(spans: 9, busy: false)
            #expect(try await fixture.isQuiet)
            try await fixture.update { $0.isWatchedForQuiet = false }
            #expect(try await !fixture.isQuiet)
            #expect(try await fixture.judgement?.state == .quiet)
            try await fixture.update {
                $0.isWatchedForQuiet = true
                $0.isEnabled = false
            }
            #expect(try await fixture.judgement == nil)
            try await fixture.update { $0.isEnabled = true }
            #expect(try await fixture.judgement?.state == .normal)
        }
    }

    @Test func `a webhook ends it before the next look`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            await fixture.watch.look()
            try await fixture.pass(spans: TrafficProfile.spansToLearn, busy: true)
            try await fixture.pass(spans: 9, busy: false)
            #expect(try await fixture.isQuiet)
            try await fixture.deliver()
            #expect(try await !fixture.isQuiet)
        }
    }

    @Test func `a store in trouble keeps what was seen`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            await fixture.watch.look()
            try await fixture.pass(spans: 3, busy: false)
            await fixture.store.fail(with: [StoreError(.busy, "busy")])
            fixture.clock.advance(by: .seconds(600))
            await fixture.watch.look()
            #expect(try await fixture.judgement?.silentSpans == 3)
            await fixture.watch.look()
            #expect(try await fixture.judgement?.silentSpans == 4)
        }
    }
}
