import CUV
import Synchronization

/// Runs Swift jobs between libuv callbacks, on the loop's thread.
///
/// Both kinds of executor: as a serial one it isolates `LoopActor`; as a task one it also takes the
/// resumptions that would otherwise go through a thread of the global pool.
///
/// A job from another thread goes through a locked inbox and a wake-up descriptor. A job from the
/// loop's own thread goes straight to the list that is run before and after each poll for I/O,
/// which costs neither.
@safe
package final class LoopExecutor: SerialExecutor, TaskExecutor {
    private struct Inbox: Sendable {
        var jobs: [UnownedJob] = []
        var isWakeupSent = false
    }

    private let inbox = Mutex(Inbox())
    private let ownerThread = Atomic<UInt>(0)
    // All pointers are set once, in init; what they point at is used on the loop's thread only,
    // save for uv_async_send, which libuv lets any thread call (docs/src/async.rst).
    nonisolated(unsafe) let loop: UnsafeMutablePointer<uv_loop_t>
    // As `loop`.
    private nonisolated(unsafe) let wakeup: UnsafeMutablePointer<uv_async_t>
    // As `loop`. The one buffer that all streams read into, one after the other: libuv asks for it,
    // reads and calls back without anything in between (libuv src/unix/stream.c, uv__read), and the
    // delegate can't keep a span of it.
    nonisolated(unsafe) let readBuffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LoopLimits.readBufferBytes, alignment: 64)  // Of a cache line.
    // As `loop`. Active only while jobs are left over, so that the poll for I/O doesn't wait.
    private nonisolated(unsafe) let leftover: UnsafeMutablePointer<uv_idle_t>
    // Used on the loop's thread only: `enqueue` and the callbacks check or imply it.
    private nonisolated(unsafe) var turnJobs: [UnownedJob] = []
    // As `turnJobs`.
    private nonisolated(unsafe) var runningJobs: [UnownedJob] = []

    /// Handles that belong to the executor: wake-up, leftover, before and after the poll.
    private static let ownHandleCount = 4

    init() {
        unsafe loop = .allocate(capacity: 1)
        unsafe wakeup = .allocate(capacity: 1)
        unsafe leftover = .allocate(capacity: 1)
        precondition(
            uv_version() >= LoopLimits.libuvVersionMin,
            "libuv is older than 1.44.0, which this program was written against")
        // A peer that went away must be an EPIPE from write, not the end of the process.
        cuv_ignore_sigpipe()
        let loopStatus = unsafe uv_loop_init(loop)
        precondition(loopStatus == 0, "no event loop: \(loopStatus)")
        let wakeupStatus = unsafe uv_async_init(loop, wakeup, wakeupArrived)
        precondition(wakeupStatus == 0, "no wake-up descriptor: \(wakeupStatus)")
        let beforePoll = UnsafeMutablePointer<uv_prepare_t>.allocate(capacity: 1)
        let afterPoll = UnsafeMutablePointer<uv_check_t>.allocate(capacity: 1)
        // None of these can fail (libuv src/unix/loop-watcher.c).
        _ = unsafe uv_idle_init(loop, leftover)
        _ = unsafe uv_prepare_init(loop, beforePoll)
        _ = unsafe uv_prepare_start(beforePoll, pollStarting)
        _ = unsafe uv_check_init(loop, afterPoll)
        _ = unsafe uv_check_start(afterPoll, pollEnded)
    }

    /// Turns the calling thread into the loop's thread; returns after `stop()`.
    ///
    /// Handles left over are the caller's to judge. May be called again afterwards, from any
    /// thread.
    package func run() {
        let (isFree, _) = ownerThread.compareExchange(
            expected: 0, desired: UInt(uv_thread_self()), ordering: .acquiringAndReleasing)
        precondition(isFree, "the loop runs already")
        _ = unsafe uv_run(loop, UV_RUN_DEFAULT)  // Says whether handles are left: always one.
        ownerThread.store(0, ordering: .releasing)
    }

    /// Starts a thread that runs the loop until `stop()`; for tests and benchmarks.
    ///
    /// - Throws: `EAGAIN` when the system has no thread left.
    package func runOnThreadOfItsOwn() throws(UVError) {
        let thread = UnsafeMutablePointer<uv_thread_t>.allocate(capacity: 1)
        defer { unsafe thread.deallocate() }
        let status = unsafe uv_thread_create(thread, { _ in LoopActor.executor.run() }, nil)
        try UVError.check(status, "uv_thread_create")
    }

    /// Makes `run()` return once the present turn of the loop has ended.
    @LoopActor package func stop() {
        unsafe uv_stop(loop)
    }

    /// Time since an arbitrary start as of the beginning of this turn of the loop; milliseconds.
    ///
    /// Monotonic, and free of a system call. Source: libuv docs/src/loop.rst, `uv_now`.
    @LoopActor package var now: Duration {
        .milliseconds(unsafe uv_now(loop))
    }

    /// How many handles are open or closing, without the executor's own.
    @LoopActor package var handleCounts: (open: Int, closing: Int) {
        var counts = HandleCounts()
        unsafe withUnsafeMutablePointer(to: &counts) { counts in
            unsafe uv_walk(loop, handleVisited, counts)
        }
        return (counts.open - Self.ownHandleCount, counts.closing)
    }

    /// Takes a job from any thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard isIsolatingCurrentContext() != true else { return unsafe turnJobs.append(job) }
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWakeupSent = true }
            return !inbox.isWakeupSent
        }
        if mustWake { _ = unsafe uv_async_send(wakeup) }  // Fails only on a closed handle.
    }

    // Not pthread_self(): glibc marks it const, so an optimized async function reuses its first
    // answer after resuming on another thread (llvm/llvm-project#47177).
    /// Whether the calling thread is the loop's.
    package func isIsolatingCurrentContext() -> Bool? {
        ownerThread.load(ordering: .acquiring) == UInt(uv_thread_self())
    }

    /// Traps when the calling thread is not the loop's.
    package func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "libuv touched off the loop's thread")
    }

    /// Moves what other threads sent into this turn's list.
    fileprivate func takeInbox() {
        let jobs = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox.jobs
        }
        unsafe turnJobs.append(contentsOf: jobs)
    }

    /// Runs this turn's jobs, and those they lead to, but not for ever: I/O wants its turn too.
    fileprivate func runJobs() {
        let (serial, task) = unsafe (asUnownedSerialExecutor(), asUnownedTaskExecutor())
        var roundCount = 0
        while unsafe !turnJobs.isEmpty, roundCount < LoopLimits.jobRoundsMax {
            unsafe swap(&turnJobs, &runningJobs)
            for job in unsafe runningJobs {
                unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: task)
            }
            let isLarge = unsafe runningJobs.capacity > LoopLimits.jobListCapacityKeptMax
            unsafe runningJobs.removeAll(keepingCapacity: !isLarge)
            roundCount += 1
        }
        // Neither can fail with a callback given (libuv src/unix/loop-watcher.c).
        if unsafe turnJobs.isEmpty {
            _ = unsafe uv_idle_stop(leftover)
        } else {
            _ = unsafe uv_idle_start(leftover, { _ in })
        }
    }
}

/// What `handleVisited` adds up.
private struct HandleCounts {
    var open = 0
    var closing = 0
}

private func handleVisited(
    _ handle: UnsafeMutablePointer<uv_handle_t>?, _ context: UnsafeMutableRawPointer?
) {
    let counts = unsafe context?.assumingMemoryBound(to: HandleCounts.self)
    if unsafe uv_is_closing(handle) != 0 {
        unsafe counts?.pointee.closing += 1
    } else {
        unsafe counts?.pointee.open += 1
    }
}

private func wakeupArrived(_: UnsafeMutablePointer<uv_async_t>?) {
    LoopActor.executor.takeInbox()
}

private func pollStarting(_: UnsafeMutablePointer<uv_prepare_t>?) {
    LoopActor.executor.runJobs()
}

private func pollEnded(_: UnsafeMutablePointer<uv_check_t>?) {
    LoopActor.executor.runJobs()
}
