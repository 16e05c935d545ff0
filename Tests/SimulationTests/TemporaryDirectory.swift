import Glibc

/// A directory of its own for one run's database, gone with its owner.
///
/// In memory where the machine has such a place: what a crash of the machine leaves of a file is
/// tested elsewhere, and here only the waiting for a disk would be added.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        let hasMemory = unsafe access("/dev/shm", W_OK) == 0
        let parent = hasMemory ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/bigpanda-gateway-test-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&template) != nil
        precondition(made, "no temporary directory: errno \(errno)")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let directory = unsafe opendir(path) {
            while let entry = unsafe readdir(directory) {
                let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unsafe unlink("\(path)/\(name)")
            }
            unsafe closedir(directory)
        }
        unsafe rmdir(path)
    }
}
