import CUV

/// A thread of its own for an actor whose work blocks, such as a database.
///
/// The actor names it in `unownedExecutor`; its jobs then run here, one after the other, in the
/// order in which they came. A plain actor would not do: called from a task that prefers the loop,
/// it runs on the loop's thread.
///
/// The thread keeps this object alive until `stop()`.
@safe
package final class WorkerThread: SerialExecutor {
    // All pointers are set once, in init; libuv lets any thread use what they point at.
    private nonisolated(unsafe) let lock: UnsafeMutablePointer<uv_mutex_t>
    // As `lock`; signalled when there is a job, or when it is time to stop.
    private nonisolated(unsafe) let arrival: UnsafeMutablePointer<uv_cond_t>
    // As `lock`; written by uv_thread_create before any other thread can ask for it.
    private nonisolated(unsafe) let thread: UnsafeMutablePointer<uv_thread_t>
    // Guarded by `lock`.
    private nonisolated(unsafe) var jobs: [UnownedJob] = []
    // Guarded by `lock`.
    private nonisolated(unsafe) var phase = Phase.running

    private enum Phase { case running, stopping, stopped }

    /// Starts the thread.
    ///
    /// - Throws: `EAGAIN` when the system has no thread left.
    package init() throws(UVError) {
        unsafe lock = .allocate(capacity: 1)
        unsafe arrival = .allocate(capacity: 1)
        unsafe thread = .allocate(capacity: 1)
        // Zero, so that no thread takes itself for this one before uv_thread_create wrote it.
        unsafe thread.initialize(to: 0)
        // Both only run out of memory (pthread_mutex_init(3), pthread_cond_init(3)).
        precondition(unsafe uv_mutex_init(lock) == 0, "no mutex for a worker thread")
        precondition(unsafe uv_cond_init(arrival) == 0, "no condition for a worker thread")
        let retained = unsafe Unmanaged.passRetained(self)
        let status = unsafe uv_thread_create(thread, workerStarted, retained.toOpaque())
        guard status >= 0 else {
            unsafe retained.release()
            throw UVError(status: status, operation: "uv_thread_create")
        }
    }

    /// Runs what is queued, then ends the thread; returns when it has ended.
    ///
    /// Blocks the caller for as long as that takes, so on the loop only when the work is known to
    /// be done. A job that comes later traps. May be called again; not on the thread itself.
    package func stop() {
        precondition(isIsolatingCurrentContext() != true, "a worker thread can't wait for itself")
        unsafe uv_mutex_lock(lock)
        let isFirst = unsafe phase == .running
        if isFirst { unsafe phase = .stopping }
        unsafe uv_cond_signal(arrival)
        unsafe uv_mutex_unlock(lock)
        guard isFirst else { return }
        _ = unsafe uv_thread_join(thread)  // Fails only on a thread that was joined before.
    }

    /// Takes a job from any thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        unsafe uv_mutex_lock(lock)
        let phase = unsafe phase
        unsafe jobs.append(job)
        unsafe uv_cond_signal(arrival)
        unsafe uv_mutex_unlock(lock)
        precondition(phase != .stopped, "a job for a worker thread that has ended")
    }

    /// Whether the calling thread is this one.
    package func isIsolatingCurrentContext() -> Bool? {
        unsafe thread.pointee == uv_thread_self()
    }

    /// Traps when the calling thread is not this one.
    package func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "not on the worker's thread")
    }

    fileprivate func run() {
        let executor = unsafe asUnownedSerialExecutor()
        while let batch = nextJobs() {
            for job in batch { unsafe job.runSynchronously(on: executor) }
        }
    }

    /// Waits for jobs; nil when there are none left and the thread is to stop.
    private func nextJobs() -> [UnownedJob]? {
        unsafe uv_mutex_lock(lock)
        defer { unsafe uv_mutex_unlock(lock) }
        while unsafe jobs.isEmpty {
            guard unsafe phase == .running else {
                unsafe phase = .stopped
                return nil
            }
            unsafe uv_cond_wait(arrival, lock)
        }
        defer { unsafe jobs = [] }
        return unsafe jobs
    }

    deinit {
        unsafe uv_cond_destroy(arrival)
        unsafe uv_mutex_destroy(lock)
        unsafe thread.deallocate()
        unsafe arrival.deallocate()
        unsafe lock.deallocate()
    }
}

private func workerStarted(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    let worker = unsafe Unmanaged<WorkerThread>.fromOpaque(context).takeRetainedValue()
    worker.run()
}
