import Glibc

/// A directory of its own for a test's database files, gone with its owner.
package final class TemporaryDirectory: Sendable {
    /// Where it is.
    package let path: String

    /// Makes the directory.
    ///
    /// - Parameter inMemory: Whether it lies in memory where the machine has such a place: for
    ///   tests of which waiting for a disk is no part.
    package init(inMemory: Bool = false) {
        let hasMemory = unsafe inMemory && access("/dev/shm", W_OK) == 0
        let parent = hasMemory ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/bigpanda-gateway-test-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&template) != nil
        precondition(made, "no temporary directory: errno \(errno)")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of the file called `name`.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The permission bits of the file or directory called `name`.
    package func mode(_ name: String) -> UInt32? {
        var status = stat()
        guard unsafe stat(file(name), &status) == 0 else { return nil }
        return status.st_mode & 0o7777
    }

    /// Sets the permission bits of a file.
    package func setMode(_ mode: UInt32, of name: String) {
        unsafe chmod(file(name), mode)
    }

    /// The names in the directory, in order.
    package var names: [String] {
        var names: [String] = []
        guard let directory = unsafe opendir(path) else { return [] }
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        unsafe closedir(directory)
        return names.sorted()
    }

    /// The content of a file; empty when there is none.
    package func read(_ name: String) -> [UInt8] {
        guard let stream = unsafe fopen(file(name), "rb") else { return [] }
        defer { unsafe fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, stream)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Writes a file over, or makes it.
    package func write(_ bytes: [UInt8], to name: String) {
        guard let stream = unsafe fopen(file(name), "wb") else { return }
        unsafe fwrite(bytes, 1, bytes.count, stream)
        unsafe fclose(stream)
    }

    /// Removes a file, if there is one.
    package func remove(_ name: String) {
        unsafe unlink(file(name))
    }

    deinit {
        for name in names {
            if unsafe unlink(file(name)) != 0 { unsafe rmdir(file(name)) }
        }
        unsafe rmdir(path)
    }
}
