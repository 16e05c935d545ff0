import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct LoopActorTests {
    @Test func `a spawned task runs on the loop, its resumptions included`() async throws {
        try await LoopFixture.run {
            #expect(LoopActor.executor.isIsolatingCurrentContext() == true)
            await Task.yield()
            #expect(LoopActor.executor.isIsolatingCurrentContext() == true)
        }
    }

    @Test func `a test's own task is not on the loop`() async throws {
        try LoopFixture.startThread()
        #expect(LoopActor.executor.isIsolatingCurrentContext() == false)
    }

    @Test func `jobs that wake each other for ever leave I O its turn`() async throws {
        try await LoopFixture.run {
            let busy = LoopActor.spawn { while !Task.isCancelled { await Task.yield() } }
            await LoopTurn.next()
            busy.cancel()
            await busy.value
        }
    }

    @Test func `touching the loop's isolation from another thread traps`() async {
        await #expect(processExitsWith: .failure) {
            LoopActor.assumeIsolated { _ = LoopActor.executor.now }
        }
    }

    @Test func `run returns after stop, and can be called again`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let thread = try WorkerThread()
            let runner = Runner(thread: thread)
            await runner.runLoopUntilStopped()
            await runner.runLoopUntilStopped()
            thread.stop()
            exit(7)
        }
    }
}

/// Blocks a thread of its own in the loop.
private actor Runner {
    nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    init(thread: WorkerThread) { self.thread = thread }

    func runLoopUntilStopped() {
        LoopActor.spawn { LoopActor.executor.stop() }
        LoopActor.executor.run()
    }
}
