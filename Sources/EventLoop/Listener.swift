import CUV
import Glibc

/// A listening socket: TCP, Unix, or inherited from systemd.
///
/// Kept alive by its owner and closed at the latest with it. Connections are accepted by hand
/// rather than by `uv_listen`: a paused listener then leaves connections in the kernel's backlog,
/// and an error of accept can't keep libuv in its accept loop.
///
/// When descriptors run out, the listener gives up a spare one to accept and close a single
/// connection, whose client so learns at once, and rests for `LoopLimits.acceptPauseDuration`;
/// the others wait in the backlog.
@LoopActor @safe
package final class Listener {
    /// Where it listens, with the real port when 0 was asked for.
    package let boundAddress: ListenAddress
    /// Connections accepted only to be closed, for want of descriptors.
    package private(set) var shedCount = 0

    // Nil once closed: libuv frees the memory behind it when it likes.
    private var raw: UnsafeMutablePointer<uv_stream_t>?
    private let descriptor: Int32
    private let backlog: CInt
    private var watcher: PollWatcher?
    private let rest = Timer()
    private var spare = Descriptor.spare()
    private var isPaused = false
    private var onConnection: (@LoopActor (Stream) -> Void)?

    /// Takes over an initialised handle that is bound, and its memory.
    init(
        adopting raw: UnsafeMutablePointer<uv_stream_t>, descriptor: Int32,
        at address: ListenAddress, backlog: Int
    ) {
        unsafe self.raw = raw
        self.descriptor = descriptor
        boundAddress = address
        self.backlog = CInt(clamping: backlog)
    }

    /// Whether `close()` was called.
    package var isClosing: Bool { unsafe raw == nil }

    /// Starts to listen; hands each connection to `onConnection`, which keeps it or it is closed.
    ///
    /// - Throws: `EADDRINUSE` when somebody else took the address meanwhile; `EBADF` when closed.
    package func start(
        _ onConnection: @escaping @LoopActor (Stream) -> Void
    ) throws(UVError) {
        guard !isClosing else { throw UVError(UV_EBADF, "listen") }
        precondition(watcher == nil, "the listener was started already")
        guard listen(descriptor, backlog) == 0 else {
            throw UVError(status: -errno, operation: "listen")
        }
        self.onConnection = onConnection
        watcher = try PollWatcher(descriptor)
        try watch()
    }

    /// Leaves further connections in the backlog until `resume()`.
    package func pause() {
        isPaused = true
        watcher?.stop()
    }

    /// Accepts connections again.
    package func resume() {
        isPaused = false
        watchAgain()
    }

    /// Stops listening and frees the port; a Unix socket's file is removed.
    package func close() {
        guard let raw = unsafe raw else { return }
        // The watcher goes before the descriptor that it watches.
        watcher = nil
        rest.stop()
        onConnection = nil
        spare = nil
        unsafe self.raw = nil
        unsafe HandleMemory.close(raw)
    }

    isolated deinit { close() }

    private func watch() throws(UVError) {
        guard !isPaused, !rest.isRunning else { return }
        try watcher?.watch(.readable) { [unowned self] readiness in
            acceptWaiting()
            // libuv has ended the watch then; it is taken up again after the rest.
            if readiness.error != nil, !isClosing { takeRest() }
        }
    }

    private func acceptWaiting() {
        for _ in 0..<LoopLimits.acceptsPerTurnMax {
            // The owner may pause or close in `onConnection`.
            guard !isPaused, !isClosing else { return }
            do throws(UVError) {
                let connection = try Descriptor.accept(from: descriptor)
                let stream = try Stream.adopt(connection)
                onConnection?(stream)
            } catch {
                guard acceptFailed(error) else { return }
            }
        }
    }

    /// Whether the next connection may be tried at once.
    private func acceptFailed(_ error: UVError) -> Bool {
        switch error.status {
        case UV_EAGAIN.rawValue:
            return false
        case UV_ECONNABORTED.rawValue, UV_EINTR.rawValue:
            return true  // That client went away; the next is a matter of its own.
        case UV_EMFILE.rawValue, UV_ENFILE.rawValue:
            shedOne()
            takeRest()
            return false
        default:
            // Memory, firewall or network (accept(2)): the next may fail alike, so don't spin.
            takeRest()
            return false
        }
    }

    private func shedOne() {
        spare = nil
        if acceptsAndCloses() { shedCount += 1 }
        spare = Descriptor.spare()
    }

    private func acceptsAndCloses() -> Bool {
        do throws(UVError) {
            _ = try Descriptor.accept(from: descriptor)
            return true
        } catch {
            return false  // Another thread took the number that the spare gave up.
        }
    }

    private func takeRest() {
        watcher?.stop()
        rest.start(after: LoopLimits.acceptPauseDuration) { [unowned self] in
            if spare == nil { spare = Descriptor.spare() }
            watchAgain()
        }
    }

    private func watchAgain() {
        // uv_poll_start refuses a closing handle or a bad descriptor, and this owns both.
        try? watch()  // (libuv src/unix/poll.c)
    }
}
