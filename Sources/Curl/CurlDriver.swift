import CCurl
package import EventLoop

/// libcurl's transfers, driven by the loop: its sockets and its one deadline, watched by libuv.
///
/// Connections are kept and used again by later requests to the same host.
/// Source: <https://curl.se/libcurl/c/libcurl-multi.html>, "multi_socket".
@LoopActor @safe
package final class CurlDriver {
    private var multi: UnsafeMutableRawPointer?
    private let deadline = Timer()
    // Keyed by socket rather than kept with curl_multi_assign, so that C holds no Swift reference.
    private var watchers: [curl_socket_t: PollWatcher] = [:]
    private var transfers: [Int: CurlTransfer] = [:]
    private var isShuttingDown = false
    /// Connections kept open for later requests.
    private static let idleConnectionsMax = 16
    /// Connections in all: four calls for each of many integrations.
    private static let connectionsMax = 64
    /// 7.85 is the first with CURLOPT_PROTOCOLS_STR.
    private static let versionMin: UInt32 = 0x07_55_00

    /// Starts libcurl.
    ///
    /// - Throws: When the library is too old or has no memory.
    package init() throws(CurlError) {
        // Safe to call again; the loop's thread is the only one that does.
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
            throw CurlError(.other, "libcurl could not be started")
        }
        guard ccurl_version_number() >= Self.versionMin else {
            throw CurlError(.other, "libcurl is older than 7.85")
        }
        guard let multi = unsafe curl_multi_init() else {
            throw CurlError(.other, "libcurl has no memory")
        }
        unsafe self.multi = multi
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        // None of these can fail with a known option (curl lib/multi.c).
        _ = unsafe ccurl_multi_set_socket(multi, socketChanged, context)
        _ = unsafe ccurl_multi_set_timer(multi, deadlineChanged, context)
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnectionsMax)
        _ = unsafe ccurl_multi_set_long(
            multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connectionsMax)
    }

    isolated deinit { close() }

    /// Requests under way.
    package var transferCount: Int { transfers.count }

    /// Makes a request.
    ///
    /// - Throws: Why there is no whole answer; an answer of any status is no error.
    package func perform(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        guard let multi = unsafe multi, !isShuttingDown else {
            throw CurlError(.aborted, "the driver has ended")
        }
        let transfer = try CurlTransfer(request)
        let code = unsafe curl_multi_add_handle(multi, transfer.easy)
        guard code == CURLM_OK else { throw CurlError(.other, Self.message(code)) }
        transfers[transfer.key] = transfer
        let result: Result<CurlResponse, CurlError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                transfer.onEnd = { waiter.resume(returning: $0) }
            }
        } onCancel: {
            LoopActor.spawn { self.cancel(transfer) }
        }
        return try result.get()
    }

    /// Fails what is under way and lets go of every connection; may be called again.
    package func close() {
        guard let multi = unsafe multi else { return }
        isShuttingDown = true
        failAll("the driver was closed")
        // It still calls the socket callback, so watchers and timer are there until it returns.
        _ = unsafe curl_multi_cleanup(multi)
        unsafe self.multi = nil
        watchers = [:]
        deadline.stop()
    }

    private func cancel(_ transfer: CurlTransfer) {
        guard let multi = unsafe multi, transfers[transfer.key] != nil else { return }
        transfers[transfer.key] = nil
        _ = unsafe curl_multi_remove_handle(multi, transfer.easy)  // Known to be in it.
        transfer.abort("the request was cancelled")
    }

    private func failAll(_ message: String) {
        guard let multi = unsafe multi else { return }
        let ended = transfers.values
        transfers = [:]
        for transfer in ended {
            _ = unsafe curl_multi_remove_handle(multi, transfer.easy)  // Known to be in it.
            transfer.abort(message)
        }
    }

    // MARK: Driving

    /// `CURLMOPT_SOCKETFUNCTION`: libcurl wants `socket` watched, or watched no longer.
    ///
    /// libcurl owns the descriptor and may close it as soon as this returns.
    fileprivate func change(_ socket: curl_socket_t, _ what: CInt) -> CInt {
        guard what != CURL_POLL_REMOVE else {
            watchers[socket] = nil  // May be unknown to us: curl/curl#17949.
            return 0
        }
        guard !isShuttingDown else { return 0 }
        do throws(UVError) {
            let watcher: PollWatcher
            if let known = watchers[socket] {
                watcher = known
            } else {
                watcher = try PollWatcher(socket)
                watchers[socket] = watcher
            }
            try watcher.watch(Self.events(what)) { [unowned self] ready in
                drive(socket, Self.flags(ready))
            }
            return 0
        } catch {
            return -1  // Fails the transfers, each with an error of its own.
        }
    }

    /// `CURLMOPT_TIMERFUNCTION`: libcurl moved its deadline; a negative delay means it has none.
    fileprivate func changeDeadline(toMilliseconds delay: Int) {
        guard delay >= 0, !isShuttingDown else { return deadline.stop() }
        // Zero is safe: libuv fires it on its next turn, never inside this callback.
        deadline.start(after: .milliseconds(delay)) { [unowned self] in
            drive(CURL_SOCKET_TIMEOUT, 0)
        }
    }

    private func drive(_ socket: curl_socket_t, _ ready: CInt) {
        guard let multi = unsafe multi else { return }
        var runningCount: CInt = 0
        let code = unsafe curl_multi_socket_action(multi, socket, ready, &runningCount)
        guard code == CURLM_OK else {
            // Every transfer is "uncertain" now (curl_multi_socket_action.md).
            return failAll(Self.message(code))
        }
        // Whatever runningCount says: it is zero when the last transfer has just timed out.
        unsafe readCompletions(multi)
    }

    private func readCompletions(_ multi: UnsafeMutableRawPointer) {
        var leftCount: CInt = 0
        while let message = unsafe curl_multi_info_read(multi, &leftCount) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let easy = unsafe message.pointee.easy_handle
            else { continue }
            // Copied first: the message dies with the handle's removal.
            let code = unsafe ccurl_message_result(message)
            _ = unsafe curl_multi_remove_handle(multi, easy)  // It is in there, as libcurl says.
            guard let transfer = transfers.removeValue(forKey: Int(bitPattern: easy)) else {
                continue
            }
            transfer.end(code)
        }
    }

    private static func events(_ what: CInt) -> PollEvents {
        switch what {
        case CURL_POLL_IN: .readable
        case CURL_POLL_OUT: .writable
        case CURL_POLL_INOUT: [.readable, .writable]
        case _: []
        }
    }

    private static func flags(_ ready: PollReadiness) -> CInt {
        guard ready.error == nil else { return CURL_CSELECT_ERR }
        var flags: CInt = 0
        if ready.events.contains(.readable) { flags |= CURL_CSELECT_IN }
        if ready.events.contains(.writable) { flags |= CURL_CSELECT_OUT }
        return flags
    }

    private static func message(_ code: CURLMcode) -> String {
        unsafe String(cString: curl_multi_strerror(code))
    }
}

private func driver(_ context: UnsafeMutableRawPointer) -> CurlDriver {
    unsafe Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue()
}

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: CInt,
    _ context: UnsafeMutableRawPointer?, _ assigned: UnsafeMutableRawPointer?
) -> CInt {
    guard let context = unsafe context else { return 0 }
    let target = unsafe driver(context)
    return LoopActor.assumeIsolated { target.change(socket, what) }
}

private func deadlineChanged(
    _ multi: UnsafeMutableRawPointer?, _ delay: Int, _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context = unsafe context else { return 0 }
    let target = unsafe driver(context)
    LoopActor.assumeIsolated { target.changeDeadline(toMilliseconds: delay) }
    return 0
}
