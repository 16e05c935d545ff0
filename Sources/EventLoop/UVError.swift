import CUV

/// A failed libuv call.
package struct UVError: Error, Equatable, Sendable {
    /// A negative `UV_E…` status; on Linux, the negated `errno`.
    package let status: Int32
    /// The C function that failed, for logs.
    package let operation: String

    init(status: Int32, operation: String) {
        self.status = status
        self.operation = operation
    }

    init(_ code: uv_errno_t, _ operation: String) {
        self.init(status: code.rawValue, operation: operation)
    }

    /// The symbolic name, such as `ECONNRESET`.
    package var name: String {
        // The variant that leaks nothing for an unknown status (libuv docs/src/errors.rst).
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            return unsafe String(cString: uv_err_name_r(status, start, buffer.count))
        }
    }

    /// The system's words for it, such as `connection reset by peer`.
    package var message: String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            return unsafe String(cString: uv_strerror_r(status, start, buffer.count))
        }
    }

    /// Whether the address is in use already.
    package var isAddressInUse: Bool { status == UV_EADDRINUSE.rawValue }
    /// Whether nobody listens at the other end.
    package var isConnectionRefused: Bool { status == UV_ECONNREFUSED.rawValue }
    /// Whether the file or directory does not exist.
    package var isNotFound: Bool { status == UV_ENOENT.rawValue }
    /// Whether the file exists already.
    package var isAlreadyThere: Bool { status == UV_EEXIST.rawValue }
    /// Whether a deadline of ours passed.
    package var isTimeout: Bool { status == UV_ETIMEDOUT.rawValue }

    /// The peer said what its protocol doesn't allow; `operation` is what was tried.
    package static func protocolError(_ operation: String) -> UVError {
        UVError(UV_EPROTO, operation)
    }

    static func check(_ status: CInt, _ operation: String) throws(UVError) {
        guard status >= 0 else { throw UVError(status: status, operation: operation) }
    }
}

extension UVError: CustomStringConvertible {
    /// One line for a log, such as `uv_tcp_bind: address already in use (EADDRINUSE)`.
    package var description: String { "\(operation): \(message) (\(name))" }
}
