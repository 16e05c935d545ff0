import Glibc

/// The end of the process.
package enum ProcessExit {
    /// Ends at once, without waiting for anything.
    package static func now(_ status: Int32) -> Never {
        _exit(status)
    }
}
