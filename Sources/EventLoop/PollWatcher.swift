import CUV

/// What a descriptor is watched for, or was found ready for.
package struct PollEvents: OptionSet, Sendable {
    /// One bit for each event.
    package let rawValue: Int32

    /// The events whose bits are set.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Bytes, a connection or the end wait to be read.
    package static let readable = PollEvents(rawValue: Int32(UV_READABLE.rawValue))
    /// There is room to write, or a connect came to its end.
    package static let writable = PollEvents(rawValue: Int32(UV_WRITABLE.rawValue))
    /// The peer closed its writing side.
    package static let disconnected = PollEvents(rawValue: Int32(UV_DISCONNECT.rawValue))
}

/// What a poll found.
package struct PollReadiness: Sendable {
    /// What the descriptor is ready for; empty if `error` is set.
    package let events: PollEvents
    /// Why libuv gave up on the descriptor; the watch has ended then.
    package let error: UVError?
}

/// Readiness of a descriptor that someone else owns, such as libcurl's sockets.
///
/// Kept alive by its owner, who closes it before the descriptor is closed: the number may return
/// in the very next call. One watcher for a descriptor at a time.
@LoopActor @safe
package final class PollWatcher {
    // Nil once closed: libuv frees the memory behind it when it likes.
    private var raw: UnsafeMutablePointer<uv_poll_t>?
    private var onReady: (@LoopActor (PollReadiness) -> Void)?

    /// A watcher at rest; makes the descriptor non-blocking.
    ///
    /// - Throws: `EEXIST` when the descriptor is watched already, `EPERM` for a plain file.
    package init(_ descriptor: Int32) throws(UVError) {
        let raw = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        let status = unsafe uv_poll_init(LoopActor.executor.loop, raw, descriptor)
        guard status >= 0 else {
            // libuv never saw the handle, so it is freed rather than closed.
            unsafe raw.deallocate()
            throw UVError(status: status, operation: "uv_poll_init")
        }
        // Set last: deinit, which runs for a whole object only, closes what libuv has seen.
        unsafe self.raw = raw
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Calls `body` each time the descriptor is ready for one of `events`; replaces an earlier
    /// watch.
    ///
    /// - Throws: `EBADF` when closed.
    package func watch(
        _ events: PollEvents, _ body: @escaping @LoopActor (PollReadiness) -> Void
    ) throws(UVError) {
        guard let raw = unsafe raw else { throw UVError(UV_EBADF, "uv_poll_start") }
        let status = unsafe uv_poll_start(raw, events.rawValue, pollReady)
        try UVError.check(status, "uv_poll_start")
        onReady = body
    }

    /// Ends the watch; it can be started again.
    package func stop() {
        onReady = nil
        guard let raw = unsafe raw else { return }
        _ = unsafe uv_poll_stop(raw)  // Can't fail (libuv src/unix/poll.c).
    }

    /// Lets go of the descriptor at once, also from inside the callback; may be called again.
    ///
    /// Letting go by releasing the watcher is as good, except inside its own callback, which keeps
    /// it for its length.
    package func close() {
        stop()
        guard let raw = unsafe raw else { return }
        unsafe self.raw = nil
        unsafe raw.pointee.data = nil
        unsafe HandleMemory.close(raw)
    }

    isolated deinit { close() }

    fileprivate func ready(_ status: CInt, _ events: CInt) {
        // After an error libuv has stopped the watch by itself (libuv src/unix/poll.c).
        let error = status < 0 ? UVError(status: status, operation: "uv_poll_start") : nil
        let body = onReady
        if error != nil { onReady = nil }
        body?(PollReadiness(events: PollEvents(rawValue: events), error: error))
    }
}

private func pollReady(_ raw: UnsafeMutablePointer<uv_poll_t>?, _ status: CInt, _ events: CInt) {
    guard let context = unsafe raw?.pointee.data else { return }
    let watcher = unsafe Unmanaged<PollWatcher>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { watcher.ready(status, events) }
}
