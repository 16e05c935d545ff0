import Glibc

/// Sockets as another process would make them.
enum RawSocket {
    struct Failure: Error { let code = errno }

    /// A Unix socket that listens at `path`.
    static func listening(at path: String) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: Array(path.utf8))
        }
        return try listening(AF_UNIX, address)
    }

    /// A TCP socket that listens on a free port of 127.0.0.1.
    static func listeningOnLoopback() throws -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return try listening(AF_INET, address)
    }

    /// What tells one open socket from another; nil for a closed number.
    static func inode(of descriptor: Int32) -> UInt? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? UInt(status.st_ino) : nil
    }

    private static func listening<Address>(_ family: Int32, _ address: Address) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure() }
        let status = unsafe withUnsafePointer(to: address) {
            unsafe bind(
                descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<Address>.size))
        }
        guard status == 0, listen(descriptor, 8) == 0 else { throw Failure() }
        return descriptor
    }
}

/// A pipe, both ends closed with this object.
final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw RawSocket.Failure() }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func write(_ text: String) { _ = unsafe Glibc.write(writeEnd, text, text.utf8.count) }

    func readByte() -> UInt8? {
        var byte: UInt8 = 0
        return unsafe read(readEnd, &byte, 1) == 1 ? byte : nil
    }

    deinit {
        _ = close(readEnd)
        _ = close(writeEnd)
    }
}
