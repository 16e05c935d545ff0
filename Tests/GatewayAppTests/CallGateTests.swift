import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Testing

@Suite struct CallGateTests {
    @Test func `no more than four calls are under way at once`() async throws {
        try await LoopFixture.run {
            let gate = CallGate(budget: RateBudget())
            var underWay = 0
            var most = 0
            var done = 0
            for _ in 0..<5 {
                LoopActor.spawn {
                    _ = await gate.run(.close) {
                        underWay += 1
                        most = max(most, underWay)
                        await Timer.wait(.milliseconds(20))
                        underWay -= 1
                    }
                    done += 1
                }
            }
            try await LoopTurn.until { done == 5 }
            #expect(most == 4)
            gate.close()
        }
    }

    @Test func `a person goes before closes, and closes before readings`() async throws {
        try await LoopFixture.run {
            let gate = CallGate(budget: RateBudget())
            var order: [CallGate.Urgency] = []
            var isHeld = true
            for _ in 0..<4 {
                LoopActor.spawn {
                    _ = await gate.run(.close) { while isHeld { await LoopTurn.next() } }
                }
            }
            try await LoopTurn.until { gate.waitingCount == 0 }
            for urgency in [CallGate.Urgency.reading, .close, .person] {
                LoopActor.spawn { _ = await gate.run(urgency) { order.append(urgency) } }
            }
            try await LoopTurn.until { gate.waitingCount == 3 }
            isHeld = false
            try await LoopTurn.until { order.count == 3 }
            #expect(order == [.person, .close, .reading])
            gate.close()
        }
    }

    @Test func `a closed gate turns away those who wait and those who come`() async throws {
        try await LoopFixture.run {
            let gate = CallGate(budget: RateBudget(resumedAt: .now))
            var answers: [Bool] = []
            LoopActor.spawn { answers.append(await gate.run(.close) { true } ?? false) }
            try await LoopTurn.until { gate.waitingCount == 1 }
            gate.close()
            try await LoopTurn.until { answers.count == 1 }
            #expect(answers == [false])
            #expect(await gate.run(.person) { true } == nil)
        }
    }
}
