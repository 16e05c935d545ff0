import EventLoop

/// The directory that a demo keeps its store in.
struct DemoWorkspace {
    private let directory: String

    /// Makes a fresh directory below the one for temporary files.
    init() throws(FileError) {
        let parent = ProcessEnvironment.value("TMPDIR") ?? "/tmp"
        let name = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        directory = "\(parent)/bigpanda-gateway-demo-\(name)"
        try FileIO.makeDirectory(directory)
    }

    /// Where the store is.
    var storePath: String { directory + "/gateway.db" }

    /// Where the admin token is.
    var adminTokenPath: String { directory + "/admin-token" }

    /// The token that the gateway made.
    func adminToken() throws(FileError) -> String {
        let bytes = try FileIO.read(adminTokenPath, bytesMax: 4096)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Removes everything; what is left behind is a few files below `/tmp`.
    func remove() {
        for name in ["gateway.db", "gateway.db-wal", "gateway.db-shm", "gateway.db.lock"] {
            try? FileIO.remove("\(directory)/\(name)")  // Not every file is always there.
        }
        for name in ["admin-token", "master.key"] {
            try? FileIO.remove("\(directory)/\(name)")  // As above.
        }
        try? FileIO.removeDirectory(directory)  // One that is not empty stays.
    }
}
