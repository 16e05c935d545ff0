import CUV
import Glibc

/// A numeric IPv4 or IPv6 address with a port, in the form the system calls take.
@safe
struct SocketAddress {
    private var storage = sockaddr_storage()

    /// - Throws: `EINVAL` when `host` is not a numeric address.
    init(host: String, port: UInt16) throws(UVError) {
        let isIPv6 = host.contains(":")
        let status = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            let raw = UnsafeMutableRawPointer(storage)
            return if isIPv6 {
                unsafe uv_ip6_addr(
                    host, CInt(port), raw.assumingMemoryBound(to: sockaddr_in6.self))
            } else {
                unsafe uv_ip4_addr(host, CInt(port), raw.assumingMemoryBound(to: sockaddr_in.self))
            }
        }
        try UVError.check(status, isIPv6 ? "uv_ip6_addr" : "uv_ip4_addr")
    }

    /// Reads the address that `fill` writes, `uv_tcp_getsockname` for one.
    init(
        _ operation: String,
        from fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<CInt>) -> CInt
    ) throws(UVError) {
        var length = CInt(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe fill(
                UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr.self), &length)
        }
        try UVError.check(status, operation)
    }

    /// Lends the address to a system call.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { storage in
            unsafe body(UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self))
        }
    }

    /// The numeric host and the port; nil for an address that is neither IPv4 nor IPv6.
    var hostAndPort: (host: String, port: UInt16)? {
        unsafe withPointer { address in
            let raw = unsafe UnsafeRawPointer(address)
            let port: UInt16
            switch CInt(unsafe address.pointee.sa_family) {
            case AF_INET:
                port = unsafe raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_port
            case AF_INET6:
                port = unsafe raw.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_port
            default: return nil
            }
            let host = unsafe withUnsafeTemporaryAllocation(
                of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
            ) { buffer -> String? in
                guard let start = buffer.baseAddress else { return nil }
                let status = unsafe uv_ip_name(address, start, buffer.count)
                return status == 0 ? unsafe String(cString: start) : nil
            }
            guard let host else { return nil }
            return (host, UInt16(bigEndian: port))
        }
    }
}
