import Alerts
import FileTesting
import GatewayTesting
import SQLite
import TLS
import Testing

@testable import AlertStorage

@Suite struct StoreOpeningTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    @Test func `what was stored is there after closing and opening`() async throws {
        let store = try await fixture.openFilled()
        let (alert, closes) = (
            try await store.alert(Sample.alertID("a")), try await store.closes(CloseQuery()).items
        )
        let timeline = try await store.timeline(of: Sample.alertID("a"), limit: 9)
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.alert(Sample.alertID("a")) == alert)
        #expect(try await again.closes(CloseQuery()).items == closes)
        #expect(try await again.timeline(of: Sample.alertID("a"), limit: 9) == timeline)
        #expect(try await again.apiKey(of: Sample.integrationID) == APIKey("BPU-sample-key"))
        #expect(try await again.sources().map(\.id) == [Sample.sourceID])
        _ = try await again.apply([Sample.arrival("b", .new)])
        #expect(try await again.alerts(AlertQuery()).items.map(\.alert.incidentID) == ["b", "a"])
        await again.close()
    }

    @Test func `what was stored is there after the process was killed`() async throws {
        let store = try await fixture.openFilled()
        // What a kill leaves: the file and its log as they are on the disk now.
        let copy = Fixture()
        for name in fixture.directory.names where !name.hasSuffix("-shm") {
            copy.directory.write(fixture.directory.read(name), to: name)
        }
        let revived = try await copy.open()
        #expect(
            try await revived.alert(Sample.alertID("a"))
                == store.alert(Sample.alertID("a")))
        #expect(try await revived.recoverInterruptedCloses(at: Sample.at(99)) == 0)
        await revived.close()
        await store.close()
    }

    @Test func `closes under way when the process was killed are looked at first`() async throws {
        let store = try await fixture.openFilled()
        _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(50), limit: 1))
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.recoverInterruptedCloses(at: Sample.at(60)) == 1)
        let claimed = try await again.claimDueCloses(CloseClaim(at: Sample.at(61), limit: 1))
        #expect(claimed.map(\.close.nextStep) == [.look])
        await again.close()
    }

    @Test(arguments: [true, false])
    func `an empty or missing file becomes a store`(isEmpty: Bool) async throws {
        if isEmpty { fixture.directory.write([], to: "gateway.db") }
        let store = try await fixture.open()
        #expect(try await store.alerts(AlertQuery()).items.isEmpty)
        await store.close()
        #expect(
            try SQLiteFile.header(fixture.path)
                == .database(applicationID: Schema.applicationID, userVersion: Schema.version))
    }

    @Test func `a commit waits for the disk, and references are checked`() async throws {
        let store = try await fixture.open()
        let settings = try await store.withWriterConnection { connection throws(SQLiteError) in
            [
                try connection.pragmaText("journal_mode"), try connection.pragmaText("synchronous"),
                try connection.pragmaText("foreign_keys"),
            ]
        }
        await store.close()
        #expect(settings == ["wal", "2", "1"])
    }

    @Test func `the file, its log and its directory are the owner's alone`() async throws {
        let path = fixture.directory.file("data/gateway.db")
        let store = try await SQLiteStore.open(path: path, masterKey: fixture.masterKey)
        try await StoreContract.prepare(store)
        #expect(fixture.directory.mode("data") == 0o700)
        for suffix in ["", "-wal", "-shm"] {
            #expect(fixture.directory.mode("data/gateway.db\(suffix)") == 0o600)
        }
        await store.close()
        fixture.directory.remove("data/gateway.db")
    }

    @Test func `a file that others could read is closed to them`() async throws {
        await (try await fixture.open()).close()
        fixture.directory.setMode(0o644, of: "gateway.db")
        await (try await fixture.open()).close()
        #expect(fixture.directory.mode("gateway.db") == 0o600)
    }

    @Test func `a newer schema is refused untouched, naming both versions`() async throws {
        await (try await fixture.open()).close()
        do {
            let connection = try SQLiteConnection(fixture.path)
            try connection.setPragma("user_version", 99)
        }
        let before = fixture.digests()
        let error = await fixture.openingError()
        #expect(error?.kind == .newerSchema)
        #expect(error?.message.contains("99") == true)
        #expect(error?.message.contains("\(Schema.version)") == true)
        #expect(fixture.digests() == before)
    }

    @Test func `a newer schema that only the log knows is refused untouched`() async throws {
        await (try await fixture.open()).close()
        do {
            let connection = try SQLiteConnection(fixture.path)
            try connection.setLeavesLogOnClose(true)
            try connection.setPragma("user_version", 99)
        }
        let before = fixture.digests()["gateway.db"]
        let error = await fixture.openingError()
        #expect(error?.kind == .newerSchema)
        #expect(fixture.digests()["gateway.db"] == before)
        #expect(!fixture.directory.read("gateway.db-wal").isEmpty)
    }

    @Test func `a database of another program is refused untouched`() async throws {
        do {
            let connection = try SQLiteConnection(fixture.path)
            try connection.execute("CREATE TABLE alerts(id INTEGER) STRICT")
        }
        let before = fixture.digests()
        let error = await fixture.openingError()
        #expect(error?.kind == .foreign)
        #expect(fixture.digests() == before)
    }

    @Test(arguments: ["not a database", String(repeating: "not a database ", count: 1_000), "\0"])
    func `a file that is no database is refused untouched`(content: String) async throws {
        fixture.directory.write(Array(content.utf8), to: "gateway.db")
        let before = fixture.digests()
        let error = await fixture.openingError()
        #expect(error?.kind == .foreign)
        #expect(error?.isRetryable == false)
        #expect(error?.message.contains(fixture.path) == true)
        #expect(fixture.digests() == before)
    }

    @Test func `a damaged store is told as such`() async throws {
        await (try await fixture.openFilled()).close()
        var bytes = fixture.directory.read("gateway.db")
        for index in 100..<bytes.count { bytes[index] = 0xa5 }
        fixture.directory.write(bytes, to: "gateway.db")
        let error = await fixture.openingError()
        #expect(error?.kind == .corrupt)
        #expect(error?.isRetryable == false)
        #expect((fixture.directory.read("gateway.db") == bytes) as Bool)
    }

    @Test func `a path that can't be is told as such`() async throws {
        fixture.directory.write([], to: "file")
        let path = fixture.directory.file("file/gateway.db")
        let error = await #expect(throws: StoreError.self) {
            try await SQLiteStore.open(path: path, masterKey: fixture.masterKey)
        }
        #expect(error?.kind == .inputOutput)
        #expect(error?.message.contains("Not a directory") == true)
    }
}
