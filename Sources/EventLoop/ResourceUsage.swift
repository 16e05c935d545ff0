import CUV
import Glibc

/// What the process uses of the machine.
package enum ResourceUsage {
    /// Memory in use, in bytes; nil when `/proc` can't be read.
    ///
    /// Source: libuv docs/src/misc.rst, `uv_resident_set_memory`.
    package static func residentBytes() -> Int? {
        var bytes = 0
        return unsafe uv_resident_set_memory(&bytes) == 0 ? bytes : nil
    }

    /// Processor time used so far, in the program and in the kernel on its behalf.
    package static func processorTime() -> Duration {
        var usage = uv_rusage_t()
        _ = unsafe uv_getrusage(&usage)  // Fails on a bad pointer only (getrusage(2)).
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return .seconds(seconds) + .microseconds(microseconds)
    }

    /// Open descriptors; nil when `/proc` can't be read.
    package static func openDescriptorCount() -> Int? {
        var request = unsafe uv_fs_t()
        // Without a callback the call is synchronous and needs no loop (libuv docs/src/fs.rst).
        let count = unsafe uv_fs_scandir(nil, &request, "/proc/self/fd", 0, nil)
        unsafe uv_fs_req_cleanup(&request)
        // One of them is the directory's own.
        return count > 0 ? Int(count) - 1 : nil
    }

    /// The most descriptors that the process may have open; nil when unlimited or unknown.
    package static func descriptorMax() -> Int? {
        guard let limit = descriptorLimit(), limit.rlim_cur != rlim_t.max else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the limit of open descriptors as far as an ordinary process may.
    ///
    /// - Returns: The limit afterwards; nil when unlimited or unknown.
    @discardableResult
    package static func raiseDescriptorMax() -> Int? {
        if var limit = descriptorLimit() {
            limit.rlim_cur = limit.rlim_max
            // Refused (EPERM) where a sandbox says so; the old limit stays then.
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return descriptorMax()
    }

    private static func descriptorLimit() -> rlimit? {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        return unsafe getrlimit(resource, &limit) == 0 ? limit : nil
    }
}
