package import EventLoop
import Synchronization

/// Runs a test's body on the process's one loop, one body at a time.
///
/// swift-testing runs suites in parallel in one process, and there is one loop; the fixture starts
/// its thread once and queues the bodies. A suite or a test function is therefore never marked
/// `@LoopActor` itself: swift-testing would wait for the loop before anybody has started it.
package enum LoopFixture {
    /// Why a body that did not throw failed all the same.
    package enum Failure: Error, Equatable {
        /// The body did not end in time; it was cancelled.
        case deadlinePassed(Duration)
        /// The body ended but left handles behind that did not exist before.
        case handlesLeft(Int)
    }

    private static let gate = Gate()
    private static let hasThread = Atomic(false)

    /// Runs `body` on the loop and checks that it leaves no handle behind.
    ///
    /// - Throws: What `body` throws, or a `Failure`.
    package static func run<Success: Sendable>(
        deadline: Duration = .seconds(10),
        _ body: sending @escaping @LoopActor () async throws -> Success
    ) async throws -> Success {
        try startThread()
        await gate.enter()
        let run = LoopActor.spawn { await attempt(deadline, body) }
        let result = await run.value
        await gate.leave()
        return try result.get()
    }

    /// Starts the loop's thread unless it runs already; for tests that spawn tasks by themselves.
    package static func startThread() throws {
        guard !hasThread.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try LoopActor.executor.runOnThreadOfItsOwn()
    }

    @LoopActor
    private static func attempt<Success: Sendable>(
        _ deadline: Duration, _ body: sending @escaping @LoopActor () async throws -> Success
    ) async -> Result<Success, any Error> {
        await settle()
        let countBefore = LoopActor.executor.handleCounts.open
        let result = await race(deadline, body)
        await settle()
        let leftCount = LoopActor.executor.handleCounts.open - countBefore
        guard case .success = result, leftCount > 0 else { return result }
        return .failure(Failure.handlesLeft(leftCount))
    }

    /// The outcome of `body`, or of the deadline if that comes first.
    @LoopActor
    private static func race<Success: Sendable>(
        _ deadline: Duration, _ body: sending @escaping @LoopActor () async throws -> Success
    ) async -> Result<Success, any Error> {
        let (outcomes, feed) = AsyncStream.makeStream(of: Result<Success, any Error>.self)
        let task = LoopActor.spawn {
            do {
                feed.yield(.success(try await body()))
            } catch {
                feed.yield(.failure(error))
            }
        }
        let timer = Timer()
        timer.start(after: deadline) {
            feed.yield(.failure(Failure.deadlinePassed(deadline)))
            task.cancel()
        }
        for await outcome in outcomes { return outcome }
        return .failure(CancellationError())
    }

    /// Lets callbacks that are due come in: closing takes a turn, and releases may follow it.
    @LoopActor
    private static func settle() async {
        for _ in 0..<200 {
            await LoopTurn.next()
            if LoopActor.executor.handleCounts.closing == 0 { break }
        }
        for _ in 0..<3 { await LoopTurn.next() }
    }
}

/// Waits for the loop itself.
@LoopActor
package enum LoopTurn {
    /// Returns after the loop has polled for I/O once more.
    package static func next() async {
        let timer = Timer()
        await withCheckedContinuation { continuation in
            timer.start(after: .zero) { continuation.resume() }
        }
    }

    /// Returns once `condition` holds, looking after each turn of the loop.
    ///
    /// - Throws: `LoopFixture.Failure.deadlinePassed` when it never does.
    package static func until(
        deadline: Duration = .seconds(5), _ condition: @LoopActor () -> Bool
    ) async throws {
        let end = SystemClock.monotonic() + deadline
        while !condition() {
            guard SystemClock.monotonic() < end else {
                throw LoopFixture.Failure.deadlinePassed(deadline)
            }
            await next()
        }
    }
}

/// Lets one in at a time, in the order of arrival.
private actor Gate {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
