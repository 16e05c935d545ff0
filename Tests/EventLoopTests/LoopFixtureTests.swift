import EventLoop
import GatewayTesting
import Testing

@Suite struct LoopFixtureTests {
    @Test func `a handle left behind fails the test`() async throws {
        let keeper = Keeper()
        await #expect(throws: LoopFixture.Failure.handlesLeft(1)) {
            try await LoopFixture.run { keeper.timer = Timer() }
        }
        try await LoopFixture.run { keeper.timer = nil }
    }

    @Test func `a body that never ends is cancelled and fails the test`() async throws {
        let deadline = Duration.milliseconds(20)
        await #expect(throws: LoopFixture.Failure.deadlinePassed(deadline)) {
            try await LoopFixture.run(deadline: deadline) {
                while !Task.isCancelled { await LoopTurn.next() }
            }
        }
    }

    @Test func `what the body throws comes out`() async throws {
        struct Thrown: Error {}
        await #expect(throws: Thrown.self) { try await LoopFixture.run { throw Thrown() } }
    }

    @LoopActor private final class Keeper {
        var timer: Timer?
        nonisolated init() {}
    }
}
