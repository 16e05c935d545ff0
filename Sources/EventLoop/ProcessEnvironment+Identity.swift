import CUV

extension ProcessEnvironment {
    /// The number of this process.
    package static var processID: Int {
        Int(uv_os_getpid())
    }
}
