import EventLoop
import Glibc

/// A file name of its own under the system's temporary directory; removed with this object.
final class ScratchPath: Sendable {
    let path: String

    init() {
        path = "/tmp/gateway-loop-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    deinit {
        _ = unsafe unlink(path)
        _ = unsafe rmdir(path)
    }
}
