import CCurl
package import EventLoop
import Glibc

/// Makes HTTP requests on the loop: libcurl's sockets and its one deadline, watched by libuv.
///
/// Kept alive by its owner and by each transfer under way; connections are kept for later
/// transfers until it is closed.
@LoopActor @safe
package final class CurlDriver {
    private let userAgent: String
    // Made when needed: after an error of libcurl's own, it is made anew.
    private var multi: UnsafeMutableRawPointer?
    private let deadline = Timer()
    // Keyed by socket rather than kept with curl_multi_assign, so that C holds no Swift reference.
    private var watchers: [curl_socket_t: PollWatcher] = [:]
    // Keyed by the handle's address, which libcurl gives back with a completion.
    private var transfers: [UInt: CurlTransfer] = [:]
    private var isClosed = false
    // While the multi handle is cleaned up, no new watch is of any use.
    private var isCleaningUp = false

    /// Starts libcurl.
    ///
    /// - Parameter userAgent: What requests say in `User-Agent`, such as `bigpanda-gateway/1.0`.
    /// - Throws: When libcurl is too old, lacks TLS or a resolver of its own thread, or can't
    ///   start.
    package init(userAgent: String = "bigpanda-gateway") throws(CurlError) {
        try CurlLibrary.start()
        self.userAgent = userAgent
    }

    /// Transfers under way.
    package var transferCount: Int { transfers.count }

    /// Makes one request and returns its answer, whatever the status.
    ///
    /// A cancelled task ends its transfer at once.
    /// - Throws: When no whole answer came; `wasRequestSent` says whether the peer may have acted.
    package func perform(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        let multi = unsafe try openedMulti(request)
        guard transfers.count < CurlLimits.transfersMax else {
            throw CurlError(
                code: 0, message: "\(request.summary): too many transfers at once", kind: .aborted,
                wasRequestSent: false)
        }
        let transfer = try CurlTransfer(request, userAgent: userAgent, driver: self)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                unsafe start(transfer, on: multi)
            }
        } onCancel: {
            // A job of its own: it runs after the transfer was added, wherever this is called.
            LoopActor.spawn { self.end(transfer, .failure(transfer.aborted("cancelled"))) }
        }
        return try outcome.get()
    }

    /// Ends what is under way as aborted, and closes all connections; may be called again.
    package func close() {
        isClosed = true
        for transfer in Array(transfers.values) {
            end(transfer, .failure(transfer.aborted("the client is closing")))
        }
        closeMulti()
    }

    isolated deinit { close() }

    private func openedMulti(
        _ request: CurlRequest
    ) throws(CurlError) -> UnsafeMutableRawPointer {
        guard !isClosed else {
            throw CurlError(
                code: 0, message: "\(request.summary): the client is closed", kind: .aborted,
                wasRequestSent: false)
        }
        if let multi = unsafe multi { return unsafe multi }
        guard let made = unsafe curl_multi_init() else {
            throw CurlLibrary.error("\(request.summary): no memory")
        }
        unsafe multi = made
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let codes = unsafe [
            ccurl_multi_on_socket(made, socketWanted, context),
            ccurl_multi_on_timer(made, deadlineMoved, context),
            ccurl_multi_set_long(made, CURLMOPT_MAXCONNECTS, CurlLimits.idleConnectionsMax),
            ccurl_multi_set_long(
                made, CURLMOPT_MAX_HOST_CONNECTIONS, CurlLimits.hostConnectionsMax),
            ccurl_multi_set_long(
                made, CURLMOPT_MAX_TOTAL_CONNECTIONS, CurlLimits.connectionsMax),
        ]
        // They can only be unknown to libcurl, and its version was looked at.
        precondition(codes.allSatisfy { $0 == CURLM_OK }, "libcurl refused an option")
        return unsafe made
    }

    private func start(_ transfer: CurlTransfer, on multi: UnsafeMutableRawPointer) {
        transfers[transfer.address] = transfer
        let code = unsafe curl_multi_add_handle(multi, transfer.easy)
        guard code != CURLM_OK else { return }
        transfers[transfer.address] = nil
        transfer.finish(.failure(transfer.error(CURLE_FAILED_INIT)))
    }

    /// Takes a transfer out of libcurl's hands and tells its outcome; does nothing if it is over.
    private func end(_ transfer: CurlTransfer, _ outcome: @autoclosure () -> CurlTransfer.Outcome) {
        guard transfers.removeValue(forKey: transfer.address) != nil else { return }
        // Fails on handles that aren't ours only (libcurl lib/multi.c).
        _ = unsafe curl_multi_remove_handle(multi, transfer.easy)
        transfer.finish(outcome())
    }

    private func drive(_ socket: curl_socket_t, _ ready: CInt) {
        guard let multi = unsafe multi else { return }
        var runningCount: CInt = 0
        let code = unsafe curl_multi_socket_action(multi, socket, ready, &runningCount)
        guard code == CURLM_OK else { return failAll(code) }
        // Whatever runningCount says: it is zero when the last transfer has just timed out.
        unsafe readCompletions(multi)
    }

    private func readCompletions(_ multi: UnsafeMutableRawPointer) {
        var leftCount: CInt = 0
        while let message = unsafe curl_multi_info_read(multi, &leftCount) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            // Copied at once: the message dies with curl_multi_remove_handle.
            let code = unsafe message.pointee.data.result
            guard let easy = unsafe message.pointee.easy_handle,
                let transfer = transfers.removeValue(forKey: UInt(bitPattern: easy))
            else { continue }
            // Fails on handles that aren't ours only (libcurl lib/multi.c).
            _ = unsafe curl_multi_remove_handle(multi, easy)
            transfer.finish(code)
        }
    }

    /// libcurl lost its way, and every transfer's state with it.
    ///
    /// Source: <https://curl.se/libcurl/c/curl_multi_socket_action.html>
    private func failAll(_ code: CURLMcode) {
        let reason = unsafe String(cString: curl_multi_strerror(code))
        for transfer in Array(transfers.values) {
            end(transfer, .failure(transfer.aborted(reason)))
        }
        closeMulti()
    }

    /// Cleans up while timer and watchers still exist, for libcurl calls back meanwhile.
    private func closeMulti() {
        if let multi = unsafe multi {
            isCleaningUp = true
            _ = unsafe curl_multi_cleanup(multi)  // Fails on handles that aren't ours only.
            isCleaningUp = false
        }
        unsafe multi = nil
        deadline.stop()
        for watcher in watchers.values { watcher.close() }
        watchers = [:]
    }

    /// `CURLMOPT_SOCKETFUNCTION`: libcurl wants `socket` watched, or watched no longer.
    ///
    /// - Returns: 0, or -1 to make libcurl fail every transfer.
    fileprivate func socketChanged(_ socket: curl_socket_t, _ what: CInt) -> CInt {
        guard what != CURL_POLL_REMOVE else {
            socketClosed(socket)  // May be unknown to us: curl/curl#17949.
            return 0
        }
        guard !isCleaningUp else { return 0 }
        do throws(UVError) {
            if watchers[socket] == nil { watchers[socket] = try PollWatcher(socket) }
            try watchers[socket]?.watch(PollEvents(curlPoll: what)) { [unowned self] readiness in
                drive(socket, readiness.curlSelect)
            }
            return 0
        } catch {
            return -1
        }
    }

    /// At once rather than with the last reference: the number may return in the very next call.
    fileprivate func socketClosed(_ socket: curl_socket_t) {
        watchers.removeValue(forKey: socket)?.close()
    }

    /// `CURLMOPT_TIMERFUNCTION`: libcurl moved its deadline; a negative delay means it has none.
    fileprivate func deadlineChanged(toMilliseconds delay: Int) {
        guard delay >= 0, !isCleaningUp else { return deadline.stop() }
        // Zero is safe: libuv fires it on its next turn, never inside this callback.
        deadline.start(after: .milliseconds(delay)) { [unowned self] in
            drive(CURL_SOCKET_TIMEOUT, 0)
        }
    }
}

extension PollEvents {
    fileprivate init(curlPoll what: CInt) {
        switch what {
        case CURL_POLL_IN: self = .readable
        case CURL_POLL_OUT: self = .writable
        default: self = [.readable, .writable]
        }
    }
}

extension PollReadiness {
    fileprivate var curlSelect: CInt {
        // With the error alone, libcurl would give up without asking the socket what happened
        // (libcurl lib/transfer.c); the watch has ended, but libcurl closes the socket then.
        guard error == nil else { return CURL_CSELECT_ERR | CURL_CSELECT_IN | CURL_CSELECT_OUT }
        var bits: CInt = 0
        if events.contains(.readable) { bits |= CURL_CSELECT_IN }
        if events.contains(.writable) { bits |= CURL_CSELECT_OUT }
        return bits
    }
}

private func driver(_ context: UnsafeMutableRawPointer) -> CurlDriver {
    unsafe Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue()
}

private func socketWanted(
    _: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: CInt,
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
) -> CInt {
    guard let context = unsafe context else { return -1 }
    let driver = unsafe driver(context)
    return LoopActor.assumeIsolated { driver.socketChanged(socket, what) }
}

private func deadlineMoved(
    _: UnsafeMutableRawPointer?, _ delay: Int, _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context = unsafe context else { return -1 }
    let driver = unsafe driver(context)
    LoopActor.assumeIsolated { driver.deadlineChanged(toMilliseconds: delay) }
    return 0
}

/// `CURLOPT_CLOSESOCKETFUNCTION`: the watcher goes before the number does (curl/curl#14976).
func socketClosing(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> CInt {
    if let context = unsafe context {
        let driver = unsafe driver(context)
        LoopActor.assumeIsolated { driver.socketClosed(socket) }
    }
    return close(socket)
}
