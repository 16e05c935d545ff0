import CUV

extension Stream {
    /// Connects to `address`.
    ///
    /// - Parameters:
    ///   - address: A numeric host and a port, or the path of a Unix socket.
    ///   - deadline: How long the connect may take.
    /// - Returns: A stream that does not read yet.
    /// - Throws: What the kernel said, such as `ECONNREFUSED`; `ETIMEDOUT` when the deadline
    ///   passed.
    package static func connect(
        to address: ListenAddress, deadline: Duration
    ) async throws(UVError) -> Stream {
        let attempt = try ConnectAttempt(to: address)
        let timer = Timer()
        timer.start(after: deadline) { attempt.giveUp() }
        let outcome = await withCheckedContinuation { attempt.start($0) }
        timer.stop()
        return try outcome.get()
    }
}

/// One connect under way.
///
/// Keeps itself alive until the connect callback, which libuv calls in every case, closed handles
/// included. Source: libuv docs/src/handle.rst, `uv_close`.
@LoopActor @safe
private final class ConnectAttempt {
    typealias Outcome = Result<Stream, UVError>

    private let address: ListenAddress
    private let target: SocketAddress?
    // Nil once it was given away or closed.
    private var raw: UnsafeMutablePointer<uv_stream_t>?
    private var continuation: CheckedContinuation<Outcome, Never>?
    private var hasTimedOut = false

    init(to address: ListenAddress) throws(UVError) {
        self.address = address
        switch address {
        case .tcp(let host, let port):
            target = try SocketAddress(host: host, port: port)
            unsafe raw = try HandleMemory.asStream(HandleMemory.openTCP())
        case .unix(let path):
            // libuv would cut it in silence (libuv docs/src/pipe.rst, uv_pipe_connect).
            guard path.utf8.count <= LoopLimits.unixPathBytesMax else {
                throw UVError(UV_ENAMETOOLONG, "uv_pipe_connect")
            }
            target = nil
            unsafe raw = try HandleMemory.asStream(HandleMemory.openPipe())
        }
    }

    func start(_ continuation: CheckedContinuation<Outcome, Never>) {
        guard let raw = unsafe raw else {
            let error = UVError(UV_ETIMEDOUT, "uv_connect")
            return continuation.resume(returning: .failure(error))
        }
        self.continuation = continuation
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        unsafe request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let memory = UnsafeMutableRawPointer(raw)
        switch address {
        case .tcp:
            let tcp = unsafe memory.assumingMemoryBound(to: uv_tcp_t.self)
            let status =
                unsafe target?.withPointer { unsafe uv_tcp_connect(request, tcp, $0, connected) }
                ?? UV_EINVAL.rawValue
            // Not accepted by libuv: no callback will come, so it is made here.
            if status < 0 { unsafe connected(request, status) }
        case .unix(let path):
            let pipe = unsafe memory.assumingMemoryBound(to: uv_pipe_t.self)
            unsafe uv_pipe_connect(request, pipe, path, connected)
        }
    }

    func giveUp() {
        hasTimedOut = true
        close()
    }

    func finish(_ status: CInt) {
        let continuation = continuation
        self.continuation = nil
        guard status >= 0, let raw = unsafe raw else {
            close()
            let code = hasTimedOut ? UV_ETIMEDOUT.rawValue : status
            let error = UVError(status: code, operation: "uv_connect")
            continuation?.resume(returning: .failure(error))
            return
        }
        unsafe self.raw = nil
        switch address {
        case .tcp:
            let tcp = unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_tcp_t.self)
            unsafe continuation?.resume(returning: .success(Stream(connectedTCP: tcp)))
        case .unix:
            unsafe continuation?.resume(returning: .success(Stream(adopting: raw, peer: "unix")))
        }
    }

    private func close() {
        guard let raw = unsafe raw else { return }
        unsafe self.raw = nil
        unsafe HandleMemory.close(raw)
    }

    isolated deinit { close() }
}

private func connected(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: CInt) {
    guard let request = unsafe request, let context = unsafe request.pointee.data else { return }
    let attempt = unsafe Unmanaged<ConnectAttempt>.fromOpaque(context).takeRetainedValue()
    unsafe request.deallocate()
    LoopActor.assumeIsolated { attempt.finish(status) }
}
