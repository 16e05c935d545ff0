import Glibc

/// The address of a Unix socket, in the form the system calls take.
@safe
struct UnixAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// A file; nil when the path is empty or longer than an address holds.
    init?(path: String) {
        // The closing zero counts: `address` is all zeros.
        self.init(nameBytes: Array(path.utf8) + [0])
        guard !path.isEmpty else { return nil }
    }

    /// A name in the abstract namespace, without the zero before it; nil when it is empty or longer
    /// than an address holds.
    ///
    /// Source: unix(7): the name is what `length` covers, with no zero behind it.
    init?(abstractName: String) {
        self.init(nameBytes: [0] + Array(abstractName.utf8))
        guard !abstractName.isEmpty else { return nil }
    }

    private init?(nameBytes: [UInt8]) {
        let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        length = socklen_t(pathOffset + nameBytes.count)
        address.sun_family = sa_family_t(AF_UNIX)
        let isFitting = unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard nameBytes.count <= target.count else { return false }
            unsafe target.copyBytes(from: nameBytes)
            return true
        }
        guard isFitting else { return nil }
    }

    /// Lends the address to a system call.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: address) { address in
            unsafe body(
                UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}
