import Glibc

extension ProcessEnvironment {
    /// Who runs this process: the user who signed in to this machine, as far as the kernel knows,
    /// and the one that the process acts as where that is another, such as `ann as root`.
    ///
    /// The first is kept over `sudo` and `su`. Source: proc_pid_loginuid(5).
    package static var operatorName: String {
        let own = geteuid()
        let text = try? FileIO.read("/proc/self/loginuid", bytesMax: 32)  // Not on every kernel.
        let login = text.flatMap { uid_t(String(decoding: $0, as: UTF8.self)) }
        return operatorName(login: login, own: own, nameOf: userName)
    }

    /// The same of numbers; the greatest one stands for nobody.
    static func operatorName(login: uid_t?, own: uid_t, nameOf: (uid_t) -> String) -> String {
        guard let login, login != .max, login != own else { return nameOf(own) }
        return "\(nameOf(login)) as \(nameOf(own))"
    }

    /// The name of a user, or `uid 1000` for one without a name.
    private static func userName(of user: uid_t) -> String {
        let name = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: 16_384
        ) { buffer -> String? in
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = buffer.baseAddress,
                unsafe getpwuid_r(user, &entry, start, buffer.count, &found) == 0,
                let found = unsafe found
            else { return nil }
            return unsafe String(validatingCString: found.pointee.pw_name)
        }
        return name ?? "uid \(user)"
    }
}
