import Alerts
import EventLoop
import FileTesting
import GatewayTesting
import SQLite
import Synchronization
import TLS
import Testing

@testable import AlertStorage

@Suite struct StoreBackupTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    private var backup: String { fixture.directory.file("backup.db") }

    @Test func `a backup has what only the log holds, and leaves the log where it is`()
        async throws
    {
        let store = try await fixture.openFilled()
        let killed = fixture.killedCopy()
        let before = killed.digests()
        #expect(before["gateway.db-wal"] != nil)
        let contents = try StoreBackup.make(of: killed.path, at: backup)
        #expect(contents.alerts == 1)
        #expect(contents.bytes == fixture.directory.read("backup.db").count)
        #expect(killed.digests()["gateway.db-wal"] == before["gateway.db-wal"])
        #expect(killed.digests()["gateway.db"] == before["gateway.db"])
        let copy = try await SQLiteStore.open(path: backup, masterKey: fixture.masterKey)
        let id = Sample.alertID("a")
        #expect(try await copy.alert(id) == store.alert(id))
        await copy.close()
        await store.close()
    }

    @Test func `a backup overwrites nothing`() async throws {
        await (try await fixture.openFilled()).close()
        fixture.directory.write([1, 2, 3], to: "backup.db")
        let error = failure { () throws(StoreError) in
            _ = try StoreBackup.make(of: fixture.path, at: backup)
        }
        #expect(error?.kind == .conflict)
        #expect((fixture.directory.read("backup.db") == [1, 2, 3]) as Bool)
    }

    @Test func `a backup is of one moment and ends, however much is written meanwhile`()
        async throws
    {
        await (try await fixture.openFilled()).close()
        // Several times what is copied between two looks.
        try fill(megabytes: 24)
        let (path, writer) = (fixture.path, SteadyWriter())
        let writing = try WorkerThread()
        async let written = StrayWork(thread: writing).run { try writer.write(to: path) }
        while !writer.hasBegun { await Task.yield() }
        let contents = try StoreBackup.make(of: path, at: backup)
        let countAfter = writer.count
        #expect(writer.isWriting, "the backup waited until nothing was written any more")
        writer.end()
        _ = try await written
        writing.stop()
        #expect(contents.alerts == 1)
        let copied = try SQLiteConnection(backup).pragma("page_count")
        #expect(copied > 24 << 8)
        let connection = try SQLiteConnection(backup)
        var counted = try connection.prepare("SELECT value FROM counts WHERE name = 'probes'")
        _ = try counted.step()
        #expect(counted.int64(at: 0) < countAfter)
    }

    @Test func `a damaged page that no other check meets is found`() async throws {
        await (try await fixture.openFilled()).close()
        _ = try StoreBackup.make(of: fixture.path, at: backup)
        try damagePage(of: "transitions", in: "backup.db")
        let before = fixture.digests()
        let error = failure { () throws(StoreError) in try restore() }
        #expect(error?.kind == .corrupt)
        #expect(fixture.digests() == before)
    }

    @Test func `a backup that another key sealed is not restored`() async throws {
        await (try await fixture.openFilled()).close()
        _ = try StoreBackup.make(of: fixture.path, at: backup)
        let before = fixture.digests()
        let error = failure { () throws(StoreError) in
            try restore(masterKey: Secret(String(repeating: "x", count: 32)))
        }
        #expect(error?.kind == .wrongMasterKey)
        #expect(fixture.digests() == before)
    }

    @Test func `the store that was there goes aside with its log`() async throws {
        let store = try await fixture.openFilled()
        _ = try StoreBackup.make(of: fixture.path, at: backup)
        _ = try await store.apply([Sample.arrival("later", .new)])
        let killed = fixture.killedCopy()
        await store.close()
        _ = try StoreBackup.restore(
            backup, to: killed.path, masterKey: fixture.masterKey, asideSuffix: ".aside")
        let restored = try await killed.open()
        #expect(try await restored.alerts(AlertQuery()).items.map(\.alert.incidentID) == ["a"])
        await restored.close()
        #expect(try SQLiteConnection(killed.path).pragmaText("integrity_check") == "ok")
        let aside = try await SQLiteStore.open(
            path: killed.path + ".aside", masterKey: fixture.masterKey)
        #expect(
            try await aside.alerts(AlertQuery()).items.map(\.alert.incidentID) == ["later", "a"])
        await aside.close()
    }

    @Test(arguments: ["gateway.db.partial", "gateway.db.restored"])
    func `a restore that was broken off is done again`(left: String) async throws {
        await (try await fixture.openFilled()).close()
        _ = try StoreBackup.make(of: fixture.path, at: backup)
        fixture.directory.write(Array("half".utf8), to: left)
        try restore()
        let names = fixture.directory.names
        #expect(!names.contains(left) && names.contains("gateway.db.aside"))
        await (try await fixture.open()).close()
    }

    @Test func `no empty store is made in the middle of a restore`() async throws {
        await (try await fixture.openFilled()).close()
        fixture.directory.write(fixture.directory.read("gateway.db"), to: "gateway.db.restored")
        fixture.directory.remove("gateway.db")
        let error = await fixture.openingError()
        #expect(error?.message.contains("run the restore again") == true)
        #expect(fixture.directory.names == ["gateway.db.restored"])
    }

    private func restore(masterKey: Secret? = nil) throws(StoreError) {
        _ = try StoreBackup.restore(
            backup, to: fixture.path, masterKey: masterKey ?? fixture.masterKey,
            asideSuffix: ".aside")
    }

    private func failure(
        _ body: () throws(StoreError) -> Void
    ) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func fill(megabytes: Int) throws {
        let connection = try SQLiteConnection(fixture.path)
        try connection.execute(
            """
            CREATE TABLE filling(content BLOB);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(megabytes))
            INSERT INTO filling SELECT zeroblob(1048576) FROM n;
            """)
    }

    private func damagePage(of table: String, in name: String) throws {
        let page = try {
            let connection = try SQLiteConnection(fixture.directory.file(name))
            var select = try connection.prepare(
                "SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'")
            _ = try select.step()
            return Int(select.int64(at: 0))
        }()
        var bytes = fixture.directory.read(name)
        for index in (page - 1) * 4096..<page * 4096 { bytes[index] = 0xa5 }
        fixture.directory.write(bytes, to: name)
    }
}

/// Commits one small change after the other until it is told to end.
private final class SteadyWriter: Sendable {
    private let committed = Atomic(0)
    private let mustEnd = Atomic(false)
    private let ended = Atomic(false)

    var count: Int { committed.load(ordering: .acquiring) }
    var hasBegun: Bool { count > 0 }
    var isWriting: Bool { !ended.load(ordering: .acquiring) }

    func end() { mustEnd.store(true, ordering: .releasing) }

    func write(to path: String) throws {
        defer { ended.store(true, ordering: .releasing) }
        let connection = try SQLiteConnection(path)
        let limit = ContinuousClock.now + .seconds(20)
        while !mustEnd.load(ordering: .acquiring), .now < limit {
            try connection.execute("UPDATE counts SET value = value + 1 WHERE name = 'probes'")
            committed.add(1, ordering: .releasing)
        }
    }
}

/// Runs what blocks on a thread of its own.
private actor StrayWork {
    private nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    init(thread: WorkerThread) { self.thread = thread }

    func run(_ body: @Sendable () throws -> Void) throws { try body() }
}
