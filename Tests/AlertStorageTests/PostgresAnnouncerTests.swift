import EventLoop
import GatewayTesting
import Testing

@testable import AlertStorage

@Suite struct PostgresAnnouncerTests {
    /// Keeps what it is told.
    @LoopActor
    private final class Others {
        private(set) var told: [PostgresNews] = []
        /// Whether telling takes long.
        var isHeldUp = false

        func hear(_ payload: String) async {
            told.append(PostgresNews(payload, to: "rep_2"))
            while isHeldUp { await LoopTurn.next() }
        }
    }

    @Test func `what comes within a tenth of a second is told together`() async throws {
        try await LoopFixture.run {
            let others = Others()
            let announcer = PostgresAnnouncer(replica: "rep_1") { await others.hear($0) }
            let began = ContinuousClock.now
            announcer.announce(.changes)
            try await LoopTurn.until { others.told == [.changes] }
            for _ in 0..<50 {
                announcer.announce(.closes)
                await LoopTurn.next()
            }
            announcer.announce(.directory)
            try await LoopTurn.until { others.told.last?.contains(.directory) == true }
            let intervals = Int((ContinuousClock.now - began) / PostgresStoreLimits.noticeInterval)
            #expect(others.told.contains { $0.contains(.closes) })
            #expect(others.told.count <= 2 + intervals)
            announcer.stop()
        }
    }

    @Test func `what comes while something is being told is told next`() async throws {
        try await LoopFixture.run {
            let others = Others()
            others.isHeldUp = true
            let announcer = PostgresAnnouncer(replica: "rep_1") { await others.hear($0) }
            announcer.announce(.changes)
            try await LoopTurn.until { others.told == [.changes] }
            announcer.announce(.closes)
            others.isHeldUp = false
            try await LoopTurn.until { others.told == [.changes, .closes] }
            announcer.stop()
        }
    }
}
