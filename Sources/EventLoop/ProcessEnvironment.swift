import CUV

/// The environment variables of the process.
///
/// Read at start-up only: the C library guards them by nothing but that nobody changes them.
package enum ProcessEnvironment {
    /// The value of a variable; nil when it is unset or not UTF-8.
    package static func value(_ name: String) -> String? {
        var capacity = 256  // Most values fit; a longer one says how long it is.
        // The second try has the size that the first was told.
        for _ in 0..<2 {
            var size = capacity
            var status: CInt = 0
            let value = unsafe withUnsafeTemporaryAllocation(
                of: CChar.self, capacity: capacity
            ) { buffer -> String? in
                guard let start = buffer.baseAddress else { return nil }
                status = unsafe uv_os_getenv(name, start, &size)
                return status == 0 ? unsafe String(validatingCString: start) : nil
            }
            guard status == UV_ENOBUFS.rawValue else { return value }
            capacity = size
        }
        return nil
    }

    /// The names of all variables that are set, in no order.
    package static func names() -> [String] {
        var items: UnsafeMutablePointer<uv_env_item_t>?
        var count: CInt = 0
        guard unsafe uv_os_environ(&items, &count) == 0 else { return [] }
        defer { unsafe uv_os_free_environ(items, count) }
        return unsafe UnsafeBufferPointer(start: items, count: Int(count)).compactMap {
            unsafe String(validatingCString: $0.name)
        }
    }
}
