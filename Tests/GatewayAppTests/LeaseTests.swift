import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Logging
import Testing

@Suite struct LeaseTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `the only gateway holds it at once`() async throws {
        try await LoopFixture.run {
            let lease = Lease(.upkeep, by: SoleReplica(), for: .random(), log: Self.log)
            var gainsCount = 0
            lease.onGained = { gainsCount += 1 }
            #expect(!lease.isHeld)
            lease.start()
            #expect(lease.isHeld && gainsCount == 1)
            await lease.stop()
            #expect(!lease.isHeld)
        }
    }

    @Test func `one gateway holds it, and another after its orderly stop`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            let (first, second) = (Self.lease(shared), Self.lease(shared))
            first.start()
            try await LoopTurn.until { first.isHeld }
            second.start()
            try await LoopTurn.until { shared.leaseAsksCount == 2 }
            await LoopTurn.next()
            #expect(!second.isHeld)
            await first.stop()
            #expect(!first.isHeld)
            second.start()
            try await LoopTurn.until { second.isHeld }
            await second.stop()
        }
    }

    @Test func `a store that is away lets nobody hold what nobody held`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            shared.isAway = true
            let lease = Self.lease(shared)
            lease.start()
            try await LoopTurn.until { shared.leaseAsksCount == 1 }
            await LoopTurn.next()
            #expect(!lease.isHeld)
            await lease.stop()
        }
    }

    @Test func `what can't be renewed ends by this gateway's own clock`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            let lease = Self.lease(shared, lasting: Limits.leaseMargin + .milliseconds(200))
            lease.start()
            try await LoopTurn.until { lease.isHeld }
            shared.isAway = true
            try await LoopTurn.until { !lease.isHeld }
            await lease.stop()
        }
    }

    @Test func `it ends here by a margin before it does in the store`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            let lease = Self.lease(shared, lasting: Limits.leaseMargin)
            lease.start()
            try await LoopTurn.until { shared.leaseAsksCount == 1 }
            for _ in 0..<20 {
                #expect(!lease.isHeld)
                await LoopTurn.next()
            }
            await lease.stop()
        }
    }

    @LoopActor
    private static func lease(
        _ shared: SharedCoordination, lasting duration: Duration = Limits.leaseDuration
    ) -> Lease {
        Lease(.upkeep, by: shared, for: .random(), lasting: duration, log: log)
    }
}

@Suite struct SharedGateTests {
    @Test func `gates of two gateways let four calls through at once`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            let gates = [Self.gate(shared), Self.gate(shared)]
            var (underWay, most, done) = (0, 0, 0)
            for number in 0..<10 {
                LoopActor.spawn {
                    _ = await gates[number % 2].run(.close) {
                        underWay += 1
                        most = max(most, underWay)
                        await LoopTurn.next()
                        underWay -= 1
                    }
                    done += 1
                }
            }
            try await LoopTurn.until { done == 5 }
            #expect(most <= 4)
            // The sixth has to wait for a second since the first ended.
            #expect(shared.places.places.allSatisfy { !$0.isRunning })
            shared.now += 1001
            try await LoopTurn.until { done == 10 }
            for gate in gates { gate.close() }
        }
    }

    @Test func `no call is made while the store can't say whose turn it is`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            shared.isAway = true
            let gate = Self.gate(shared)
            var isDone = false
            LoopActor.spawn {
                _ = await gate.run(.close) {}
                isDone = true
            }
            try await LoopTurn.until { shared.placeAsksCount == 2 }
            #expect(!isDone && gate.waitingCount == 1)
            shared.isAway = false
            try await LoopTurn.until { isDone }
            gate.close()
        }
    }

    @Test func `a place that was heard of too late for a call is given back`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            let gate = Self.gate(shared, hearingMax: .zero)
            var callsCount = 0
            LoopActor.spawn { _ = await gate.run(.close) { callsCount += 1 } }
            try await LoopTurn.until {
                shared.placeAsksCount == 1 && shared.places.places[0].freeAt.milliseconds > 0
                    && shared.places.places.allSatisfy { !$0.isRunning }
            }
            #expect(callsCount == 0 && gate.waitingCount == 1)
            gate.close()
        }
    }

    @Test func `a gate that closes while it asks gives the place back`() async throws {
        try await LoopFixture.run {
            let shared = SharedCoordination()
            shared.isHeldUp = true
            let gate = Self.gate(shared)
            var answers: [Bool] = []
            LoopActor.spawn { answers.append(await gate.run(.close) { true } ?? false) }
            try await LoopTurn.until { shared.placeAsksCount == 1 }
            gate.close()
            shared.isHeldUp = false
            try await LoopTurn.until { shared.places.places.contains { $0.ticket.number == 1 } }
            try await LoopTurn.until { shared.places.places.allSatisfy { !$0.isRunning } }
            #expect(answers == [false])
        }
    }

    @LoopActor
    private static func gate(
        _ shared: SharedCoordination, hearingMax: Duration = CallPlaces.hearingMax
    ) -> CallGate {
        CallGate(
            budget: RateBudget(),
            shared: CallGate.SharedPlaces(
                of: IntegrationID("int_1"), by: shared, hearingMax: hearingMax))
    }
}
