import CUV

/// A signal that asks something of the process.
package enum ProcessSignal: Sendable, CaseIterable {
    /// SIGTERM: end in good order.
    case terminate
    /// SIGINT: as `terminate`, from a terminal.
    case interrupt
    /// SIGHUP: read files anew.
    case hangUp

    fileprivate var number: CInt {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// Calls back on the loop for each arrival of a signal.
///
/// Kept alive by its owner; without any watcher the signal has its default effect again.
@LoopActor @safe
package final class SignalWatcher {
    private let raw: UnsafeMutablePointer<uv_signal_t>
    private let onSignal: @LoopActor () -> Void

    /// Watches from here on.
    ///
    /// - Throws: What sigaction said.
    package init(
        _ signal: ProcessSignal, _ onSignal: @escaping @LoopActor () -> Void
    ) throws(UVError) {
        let raw = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
        let initStatus = unsafe uv_signal_init(LoopActor.executor.loop, raw)
        guard initStatus >= 0 else {
            // libuv never saw the handle, so it is freed rather than closed.
            unsafe raw.deallocate()
            throw UVError(status: initStatus, operation: "uv_signal_init")
        }
        unsafe raw.pointee.data = nil
        let startStatus = unsafe uv_signal_start(raw, signalArrived, signal.number)
        guard startStatus >= 0 else {
            unsafe HandleMemory.close(raw)
            throw UVError(status: startStatus, operation: "uv_signal_start")
        }
        // Set last: deinit, which runs for a whole object only, closes what libuv has seen.
        unsafe self.raw = raw
        self.onSignal = onSignal
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    fileprivate func arrived() { onSignal() }

    isolated deinit {
        unsafe raw.pointee.data = nil
        unsafe HandleMemory.close(raw)
    }
}

private func signalArrived(_ raw: UnsafeMutablePointer<uv_signal_t>?, _: CInt) {
    guard let context = unsafe raw?.pointee.data else { return }
    let watcher = unsafe Unmanaged<SignalWatcher>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { watcher.arrived() }
}
