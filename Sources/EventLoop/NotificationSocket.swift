import CUV
import Glibc

/// Where a service manager listens for datagrams about the service that it started.
///
/// Sending never waits: the manager's queue may be full while the loop has other things to do.
/// Source: sd_notify(3), `NOTIFY_SOCKET`.
package final class NotificationSocket: Sendable {
    private let descriptor: Int32
    private let address: UnixAddress

    /// Takes an absolute path, or a name in the abstract namespace behind an `@`.
    ///
    /// - Throws: `EAFNOSUPPORT` for an address of another kind, `ENAMETOOLONG` for one longer than
    ///   `LoopLimits.unixPathBytesMax`, `EMFILE` when there is no descriptor left.
    package init(_ text: String) throws(UVError) {
        let isAbstract = text.hasPrefix("@")
        guard isAbstract || text.hasPrefix("/") else {
            throw UVError(UV_EAFNOSUPPORT, "sendto")
        }
        let address =
            isAbstract
            ? UnixAddress(abstractName: String(text.dropFirst())) : UnixAddress(path: text)
        guard let address else { throw UVError(UV_ENAMETOOLONG, "sendto") }
        let number = cuv_unix_datagram_socket()
        try UVError.check(number, "socket")
        descriptor = number
        self.address = address
    }

    /// Sends one datagram.
    ///
    /// - Parameter text: Lines of `NAME=value`; a manager reads up to 4,096 bytes.
    /// - Throws: `EAGAIN` when the manager's queue is full, `ENOENT` or `ECONNREFUSED` when nobody
    ///   listens. Trying again later may help.
    package func send(_ text: String) throws(UVError) {
        let bytes = Array(text.utf8)
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe address.withPointer { address, length in
                unsafe sendto(
                    descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL),
                    address, length)
            }
        }
        try UVError.check(status < 0 ? -errno : 0, "sendto")
    }

    deinit {
        _ = close(descriptor)  // Opened in init; datagrams that were sent are the receiver's.
    }
}
