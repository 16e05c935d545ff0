import EventLoop
import GatewayTesting
import Synchronization
import Testing

@Suite struct ThreadSignalTests {
    private actor Waiter {
        nonisolated let thread: WorkerThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

        init(_ thread: WorkerThread) { self.thread = thread }

        /// How long a wait took that may take a day.
        func wait(for signal: ThreadSignal, _ isAsked: borrowing Atomic<Bool>) -> Duration {
            isAsked.store(true, ordering: .releasing)
            return ContinuousClock().measure { signal.wait(atMost: .seconds(86_400)) }
        }
    }

    private final class Question: Sendable {
        let isAsked = Atomic(false)
        let isAnswered = Atomic(false)
    }

    @Test func `a thread that waits is woken up`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let (waiter, signal, question) = (Waiter(worker), ThreadSignal(), Question())
            let waiting = LoopActor.spawn {
                let duration = await waiter.wait(for: signal, question.isAsked)
                question.isAnswered.store(true, ordering: .releasing)
                return duration
            }
            while !question.isAsked.load(ordering: .acquiring) { await LoopTurn.next() }
            // What is sent just before it waits is not remembered.
            while !question.isAnswered.load(ordering: .acquiring) {
                signal.send()
                await LoopTurn.next()
            }
            #expect(await waiting.value < .seconds(3_600))
            worker.stop()
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(-5), .milliseconds(2)])
    func `a wait ends by itself`(duration: Duration) {
        let signal = ThreadSignal()
        // To nobody, and therefore not remembered.
        signal.send()
        signal.wait(atMost: duration)
        signal.wait(atMost: duration)
    }
}
