import CUV

/// Wakes up a thread that waits for something to happen on another.
///
/// Remembers nothing: what was sent while nobody waited wakes nobody up later.
@safe
package final class ThreadSignal: Sendable {
    // Both are set once, in init; libuv lets any thread use what they point at.
    private nonisolated(unsafe) let lock: UnsafeMutablePointer<uv_mutex_t>
    // As `lock`.
    private nonisolated(unsafe) let sent: UnsafeMutablePointer<uv_cond_t>

    /// Makes a signal that nobody waits for.
    package init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe sent = .allocate(capacity: 1)
        // Both only run out of memory (pthread_mutex_init(3), pthread_cond_init(3)).
        precondition(unsafe uv_mutex_init(lock) == 0, "no mutex for a signal")
        precondition(unsafe uv_cond_init(sent) == 0, "no condition for a signal")
    }

    /// Wakes up all who wait.
    package func send() {
        unsafe uv_mutex_lock(lock)
        unsafe uv_cond_broadcast(sent)
        unsafe uv_mutex_unlock(lock)
    }

    /// Blocks the calling thread until the signal is sent, or until `duration`, a day at most, is
    /// over.
    ///
    /// May return early, as any wait for a condition (pthread_cond_wait(3)).
    package func wait(atMost duration: Duration) {
        let nanoseconds = min(duration.milliseconds, 86_400_000) * 1_000_000
        unsafe uv_mutex_lock(lock)
        // Whether it was sent or took too long, the caller goes on.
        _ = unsafe uv_cond_timedwait(sent, lock, nanoseconds)
        unsafe uv_mutex_unlock(lock)
    }

    deinit {
        unsafe uv_cond_destroy(sent)
        unsafe uv_mutex_destroy(lock)
        unsafe sent.deallocate()
        unsafe lock.deallocate()
    }
}
