import EventLoop
import Glibc
import Testing

@Suite struct NotificationSocketTests {
    let scratch = ScratchPath()

    @Test func `a datagram reaches a path, whole`() throws {
        let manager = try DatagramReceiver(path: scratch.path)
        let socket = try NotificationSocket(scratch.path)
        try socket.send("READY=1\nSTATUS=up\n")
        try socket.send("WATCHDOG=1\n")
        #expect(manager.receive() == "READY=1\nSTATUS=up\n")
        #expect(manager.receive() == "WATCHDOG=1\n")
        #expect(manager.receive() == nil)
    }

    @Test func `a datagram reaches a name in the abstract namespace`() throws {
        let name = "gateway-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let manager = try DatagramReceiver(abstractName: name)
        try NotificationSocket("@" + name).send("READY=1\n")
        #expect(manager.receive() == "READY=1\n")
    }

    @Test func `a full queue is told at once, and there is room again once it was read`() throws {
        let manager = try DatagramReceiver(path: scratch.path)
        let socket = try NotificationSocket(scratch.path)
        let error = #expect(throws: UVError.self) {
            for _ in 0..<100_000 { try socket.send("WATCHDOG=1\n") }
        }
        #expect(error?.name == "EAGAIN")
        while manager.receive() != nil {}
        try socket.send("WATCHDOG=1\n")
        #expect(manager.receive() == "WATCHDOG=1\n")
    }

    @Test func `a manager that comes later is reached by the same socket`() throws {
        let socket = try NotificationSocket(scratch.path)
        let error = #expect(throws: UVError.self) { try socket.send("READY=1\n") }
        #expect(error?.isNotFound == true)
        let manager = try DatagramReceiver(path: scratch.path)
        try socket.send("READY=1\n")
        #expect(manager.receive() == "READY=1\n")
    }

    @Test(arguments: [
        ("relative", "EAFNOSUPPORT"), ("vsock:2:9", "EAFNOSUPPORT"), ("", "EAFNOSUPPORT"),
        ("@", "ENAMETOOLONG"), ("/" + String(repeating: "x", count: 107), "ENAMETOOLONG"),
        ("@" + String(repeating: "x", count: 108), "ENAMETOOLONG"),
    ])
    func `another kind of address is refused`(_ address: String, _ name: String) {
        let error = #expect(throws: UVError.self) { try NotificationSocket(address) }
        #expect(error?.name == name)
    }

    @Test func `the longest path and the longest name fit`() throws {
        _ = try NotificationSocket("/" + String(repeating: "x", count: 106))
        _ = try NotificationSocket("@" + String(repeating: "x", count: 107))
    }
}

/// A service manager's end of the socket.
private final class DatagramReceiver {
    private let descriptor: Int32

    convenience init(path: String) throws { try self.init(name: Array(path.utf8) + [0]) }

    convenience init(abstractName: String) throws {
        try self.init(name: [0] + Array(abstractName.utf8))
    }

    private init(name: [UInt8]) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let status = unsafe withUnsafePointer(to: address) {
            unsafe bind(
                descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), length)
        }
        guard status == 0 else { throw RawSocket.Failure() }
    }

    /// The next datagram that is there; nil when there is none.
    func receive() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    deinit { _ = close(descriptor) }
}
