import Alerts
import EventLoop
import GatewayTesting
import Postgres
import SQLite
import Synchronization
import TLS
import Testing

@testable import AlertStorage

/// Moving a store from SQLite to PostgreSQL.
@Suite struct StoreTransferTests {
    typealias Sample = StoreContract.Sample

    let sqlite = Fixture()

    @Test func `every list and every detail is the same afterwards`() async throws {
        try await fill()
        let path = sqlite.path
        let digests = sqlite.digests()
        try await PostgresFixture.test { fixture in
            let moved = try await StoreTransfer.run(
                from: path, to: try fixture.location, masterKey: fixture.masterKey)
            #expect(moved.map(\.table) == TransferTable.all.map(\.name))
            #expect(moved.allSatisfy { $0.rowsCount > 0 })
            let old = try await SQLiteStore.open(path: path, masterKey: fixture.masterKey)
            try await fixture.withStore { store in
                try await StoreComparison.expectEqual(old, store)
            }
            await old.close()
        }
        #expect(sqlite.digests()["gateway.db"] == digests["gateway.db"])
    }

    @Test func `what only the log of a store that was killed holds is moved, and stays`()
        async throws
    {
        let store = try await sqlite.openFilled()
        let killed = sqlite.killedCopy()
        await store.close()
        let (path, digests) = (killed.path, killed.digests())
        try await PostgresFixture.test { fixture in
            _ = try await StoreTransfer.run(
                from: path, to: try fixture.location, masterKey: fixture.masterKey)
            try await fixture.withStore { store in
                let alerts = try await store.alerts(AlertQuery()).items
                #expect(alerts.map(\.alert.incidentID) == ["a"])
            }
        }
        for name in ["gateway.db", "gateway.db-wal"] {
            #expect(killed.digests()[name] == digests[name])
        }
    }

    @Test func `the moved store goes on with numbers of its own`() async throws {
        try await fill()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            _ = try await StoreTransfer.run(
                from: path, to: try fixture.location, masterKey: fixture.masterKey)
            try await fixture.withStore { store in
                let newest = try await store.deliveries(DeliveryQuery(limit: 1)).items[0].id
                try await store.insert(
                    Sample.integration(IntegrationID("int_9"), name: "Z"), key: APIKey("new"))
                try await store.insert(
                    Sample.source(
                        SourceID("src_9"), of: IntegrationID("int_9"), name: "Z",
                        secret: SecretID("sec_9")))
                let results = try await store.apply([
                    Sample.arrival(
                        "new", .new, source: SourceID("src_9"), secret: SecretID("sec_9"), at: 500)
                ])
                let number = try #require(results[0].deliveryID.number)
                #expect(number > (newest.number ?? .max))
                let resolve = AuditEntry(at: Sample.at(1), .system, .alertResolve, "alt_new-2")
                try await AuditTrail.$entry.withValue(resolve) {
                    try await StoreContract.resolve(["new-2"], in: store)
                }
                #expect(try await store.audit(AuditQuery()).items.map(\.number) == [2, 1])
                let ids = try await store.alerts(AlertQuery()).items.map(\.alert.incidentID)
                #expect(ids.prefix(2) == ["new-2", "new"])
                let closes = try await store.closes(CloseQuery()).items.map(\.id)
                #expect(closes.first == CloseID("cls_new-2"))
                #expect(
                    try await store.apiKey(of: Sample.integrationID) == APIKey("BPU-sample-key"))
            }
        }
    }

    @Test func `a close that was under way is looked at first`() async throws {
        let store = try await sqlite.openFilled()
        _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(50), limit: 1))
        await store.close()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            _ = try await StoreTransfer.run(
                from: path, to: try fixture.location, masterKey: fixture.masterKey)
            try await fixture.withStore { store in
                #expect(try await store.recoverInterruptedCloses(at: Sample.at(60)) == 1)
                let claim = CloseClaim(at: Sample.at(61), limit: 1)
                let claimed = try await store.claimDueCloses(claim)
                #expect(claimed.map(\.close.nextStep) == [.look])
            }
        }
    }

    @Test func `every column of every table travels`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { _ in }
            for table in TransferTable.all {
                let names = table.columns.map { "'\($0.name)'" }.joined(separator: ", ")
                let forgotten = try await fixture.run(
                    """
                    SELECT count(*) FROM information_schema.columns
                    WHERE table_schema = '\(fixture.schema)' AND table_name = '\(table.name)'
                        AND column_name NOT IN (\(names))
                    """)
                #expect(forgotten == 0, "\(table.name)")
            }
            let others = try await fixture.run(
                """
                SELECT count(*) FROM pg_tables WHERE schemaname = '\(fixture.schema)'
                    AND tablename NOT IN (
                        'counts', 'gateway_schema', 'sessions', 'leases', 'call_places',
                        'directory_versions', 'replicas', 'secret_uses')
                """)
            #expect(others == Int64(TransferTable.all.count))
        }
    }

    @Test func `a move that is broken off leaves nothing, and is done again`() async throws {
        try await fill()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            let cutter = SessionCutter(fixture)
            await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(
                    from: path, to: try fixture.location, masterKey: fixture.masterKey
                ) { progress in
                    if progress.table == "closes" { cutter.cut() }
                }
            }
            try await cutter.end()
            let tables = try await fixture.run(
                "SELECT count(*) FROM pg_tables WHERE schemaname = '\(fixture.schema)'")
            #expect(tables == 0)
            _ = try await StoreTransfer.run(
                from: path, to: try fixture.location, masterKey: fixture.masterKey)
            let old = try await SQLiteStore.open(path: path, masterKey: fixture.masterKey)
            try await fixture.withStore { store in
                try await StoreComparison.expectEqual(old, store)
            }
            await old.close()
        }
    }

    @Test func `a database that holds something is refused, and what it holds is named`()
        async throws
    {
        try await fill()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in try await StoreContract.prepare(store) }
            let error = await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(
                    from: path, to: try fixture.location, masterKey: fixture.masterKey)
            }
            #expect(error?.kind == .conflict)
            let held = "1 integrations, 1 sources, 1 source_secrets"
            #expect(error?.message.contains(held) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("Move into an empty database") == true)
            try await fixture.withStore { store in
                let alerts = try await store.alerts(AlertQuery()).items
                #expect(alerts.isEmpty)
            }
        }
    }

    @Test func `one that moved it already is refused, and told to be complete`() async throws {
        try await fill()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            let (location, key) = (try fixture.location, fixture.masterKey)
            _ = try await StoreTransfer.run(from: path, to: location, masterKey: key)
            let error = await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(from: path, to: location, masterKey: key)
            }
            #expect(error?.message.contains("all of it is there") == true)
            // A row more, and it isn't that store any longer.
            try await fixture.run("INSERT INTO removed_integrations(sequence, id) VALUES (-1, 'x')")
            let other = await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(from: path, to: location, masterKey: key)
            }
            #expect(other?.message.contains("Move into an empty database") == true)
        }
    }

    @Test func `rows that did not come are noticed before anything counts`() async throws {
        try await fill()
        let path = sqlite.path
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { _ in }
            try await fixture.run(
                "CREATE RULE lost AS ON INSERT TO transitions DO INSTEAD NOTHING")
            let error = await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(
                    from: path, to: try fixture.location, masterKey: fixture.masterKey)
            }
            #expect(error?.message.contains("transitions only 0 came") == true)
            #expect(try await fixture.run("SELECT count(*) FROM alerts") == 0)
        }
    }

    @Test(arguments: ["newer", "foreign", "other key", "older source", "other source key"])
    func `what does not fit is refused and nothing is written`(trouble: String) async throws {
        try await fill()
        let path = sqlite.path
        if trouble == "older source" {
            let connection = try SQLiteConnection(path)
            try connection.setPragma("user_version", Int64(Schema.version) - 1)
        }
        try await PostgresFixture.test { fixture in
            let other = Secret(String(repeating: "x", count: 32))
            switch trouble {
            case "newer":
                try await fixture.withStore { _ in }
                try await fixture.run("UPDATE gateway_schema SET version = 99")
            case "foreign": try await fixture.run("CREATE TABLE alerts(theirs text)")
            case "other key": await (try await fixture.open(masterKey: other)).close()
            default: break
            }
            let error = await #expect(throws: StoreError.self) {
                try await StoreTransfer.run(
                    from: path, to: try fixture.location,
                    masterKey: trouble == "other source key" ? other : fixture.masterKey)
            }
            let kinds: [String: StoreError.Kind] = [
                "newer": .newerSchema, "foreign": .foreign, "other key": .wrongMasterKey,
                "older source": .conflict, "other source key": .wrongMasterKey,
            ]
            #expect(error?.kind == kinds[trouble])
            let sources = try await fixture.run(
                """
                SELECT count(*) FROM pg_tables
                WHERE schemaname = '\(fixture.schema)' AND tablename = 'sources'
                """)
            #expect(sources == (["newer", "other key"].contains(trouble) ? 1 : 0))
        }
    }
}
