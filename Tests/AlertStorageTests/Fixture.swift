import Alerts
import FileTesting
import GatewayTesting
import Glibc
import SQLite
import TLS

@testable import AlertStorage

/// A store in a file of a test's own.
struct Fixture {
    typealias Sample = StoreContract.Sample

    let directory = TemporaryDirectory()
    let masterKey = Secret(String(repeating: "k", count: 32))

    var path: String { directory.file("gateway.db") }

    func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(path: path, masterKey: masterKey)
    }

    /// A store with an integration, a source and a resolved alert called `a`.
    func openFilled() async throws -> SQLiteStore {
        let store = try await open()
        try await StoreContract.prepare(store)
        try await StoreContract.resolve(["a"], in: store)
        return store
    }

    /// The error that opening the store ends in.
    func openingError(masterKey: Secret? = nil) async -> StoreError? {
        do throws(StoreError) {
            let store = try await SQLiteStore.open(
                path: path, masterKey: masterKey ?? self.masterKey)
            await store.close()
            return nil
        } catch {
            return error
        }
    }

    /// Whether somebody holds the lock that tells SQLite in other processes that it is in use.
    ///
    /// The file isn't opened: to close it would take the lock away.
    func isLocked() -> Bool {
        // One reading may miss a lock, as the kernel's list changes while it is read.
        for _ in 0..<100 where isShownLocked() { return true }
        return false
    }

    private func isShownLocked() -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, let stream = unsafe fopen("/proc/locks", "r")
        else { return false }
        defer { unsafe fclose(stream) }
        var line = [CChar](repeating: 0, count: 256)
        while unsafe fgets(&line, CInt(line.count), stream) != nil {
            let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains(" POSIX "), text.contains(":\(status.st_ino) ") { return true }
        }
        return false
    }

    /// What a kill leaves: the file and its log as they are on the disk now.
    func killedCopy() -> Fixture {
        let copy = Fixture()
        for name in ["gateway.db", "gateway.db-wal"] {
            copy.directory.write(directory.read(name), to: name)
        }
        return copy
    }

    /// The digest of every file in the directory.
    func digests() -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: directory.names.map { name in
                (name, Hex.encode(Digest.sha256(directory.read(name))))
            })
    }
}

extension SQLiteStore {
    /// Runs `body` with the connection that writes, outside a transaction.
    func withWriterConnection<Result: Sendable>(
        _ body: @Sendable (SQLiteConnection) throws(SQLiteError) -> Result
    ) async throws -> Result {
        try await writer.withConnection(body)
    }
}

extension SQLiteWriter {
    fileprivate func withConnection<Result: Sendable>(
        _ body: @Sendable (SQLiteConnection) throws(SQLiteError) -> Result
    ) throws -> Result {
        try body(try openSession().connection)
    }
}
