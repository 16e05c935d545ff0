import CUV

/// A one-shot timer on the loop.
///
/// Kept alive by its owner; a pending call is dropped with the timer. The `uv_timer_t` outlives
/// this object: libuv lets go of it only in the close callback, which frees it.
/// Source: <https://docs.libuv.org/en/v1.x/handle.html#c.uv_close>
@LoopActor @safe
package final class Timer {
    private let raw: UnsafeMutablePointer<uv_timer_t>
    private var onFire: (@LoopActor () -> Void)?

    /// A timer at rest.
    package init() {
        unsafe raw = .allocate(capacity: 1)
        _ = unsafe uv_timer_init(LoopActor.executor.loop, raw)  // Can't fail (libuv src/timer.c).
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Whether a call is pending.
    package var isRunning: Bool { onFire != nil }

    /// Calls `body` once after `delay`, rounded up to a whole millisecond; replaces an earlier
    /// start.
    ///
    /// Never calls it inside `start`, however short the delay.
    package func start(after delay: Duration, _ body: @escaping @LoopActor () -> Void) {
        onFire = body
        // The delay counts from the loop's cached time, which work in this turn may have left
        // behind.
        unsafe uv_update_time(LoopActor.executor.loop)
        // Fails only once closing, which deinit alone starts.
        _ = unsafe uv_timer_start(raw, timerFired, delay.milliseconds, 0)
    }

    /// Drops the pending call, if any.
    package func stop() {
        onFire = nil
        _ = unsafe uv_timer_stop(raw)  // Can't fail (libuv src/timer.c).
    }

    fileprivate func fire() {
        let body = onFire
        onFire = nil
        body?()
    }

    isolated deinit {
        unsafe raw.pointee.data = nil
        unsafe HandleMemory.close(raw)
    }
}

private func timerFired(_ raw: UnsafeMutablePointer<uv_timer_t>?) {
    guard let context = unsafe raw?.pointee.data else { return }
    let timer = unsafe Unmanaged<Timer>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { timer.fire() }
}
