import EventLoop
import GatewayTesting
import Testing

@Suite struct WorkerThreadTests {
    /// An actor that may block.
    private actor Blocker {
        nonisolated let thread: WorkerThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }
        private(set) var entries: [Int] = []

        init(_ thread: WorkerThread) { self.thread = thread }

        func isOnLoop() -> Bool? { LoopActor.executor.isIsolatingCurrentContext() }
        func isOnThread() -> Bool? { thread.isIsolatingCurrentContext() }
        func waitForByte(_ pipe: Pipe) -> UInt8? { pipe.readByte() }
        func add(_ entry: Int) { entries.append(entry) }
        func stopThread() { thread.stop() }
        func keep(_ timer: Timer) { kept = timer }
        func drop() { kept = nil }
        private var kept: Timer?
    }

    @Test func `a handle dropped on another thread is closed on the loop`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let blocker = Blocker(worker)
            let countBefore = LoopActor.executor.handleCounts.open
            await blocker.keep(Timer())
            #expect(LoopActor.executor.handleCounts.open == countBefore + 1)
            await blocker.drop()
            try await LoopTurn.until { LoopActor.executor.handleCounts.open == countBefore }
            worker.stop()
        }
    }

    @Test func `an actor on a worker is off the loop, and its caller comes back`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let blocker = Blocker(worker)
            #expect(await blocker.isOnLoop() == false)
            #expect(await blocker.isOnThread() == true)
            #expect(LoopActor.executor.isIsolatingCurrentContext() == true)
            #expect(worker.isIsolatingCurrentContext() == false)
            worker.stop()
        }
    }

    @Test func `the loop goes on while a worker blocks`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let (blocker, pipe) = (Blocker(worker), try Pipe())
            let blocked = LoopActor.spawn { await blocker.waitForByte(pipe) }
            for _ in 0..<10 { await LoopTurn.next() }
            pipe.write("x")
            #expect(await blocked.value == UInt8(ascii: "x"))
            worker.stop()
        }
    }

    @Test func `calls from one task keep their order`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let blocker = Blocker(worker)
            for entry in 0..<1000 { await blocker.add(entry) }
            #expect(await blocker.entries == Array(0..<1000))
            worker.stop()
        }
    }

    @Test func `what is queued runs before the thread ends`() async throws {
        try await LoopFixture.run {
            let worker = try WorkerThread()
            let (blocker, pipe) = (Blocker(worker), try Pipe())
            let first = LoopActor.spawn { await blocker.waitForByte(pipe) }
            let later = (0..<100).map { entry in LoopActor.spawn { await blocker.add(entry) } }
            // Queued by now, all behind the one that blocks.
            await LoopTurn.next()
            pipe.write("x")
            worker.stop()
            worker.stop()
            #expect(await first.value == UInt8(ascii: "x"))
            for task in later { await task.value }
        }
    }

    @Test func `a job for a thread that has ended traps`() async {
        await #expect(processExitsWith: .failure) {
            let blocker = Blocker(try WorkerThread())
            blocker.thread.stop()
            await blocker.add(1)
        }
    }

    @Test func `a worker that waits for itself traps`() async {
        await #expect(processExitsWith: .failure) {
            await Blocker(try WorkerThread()).stopThread()
        }
    }
}
