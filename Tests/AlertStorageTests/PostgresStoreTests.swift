import Alerts
import EventLoop
import GatewayTesting
import Postgres
import TLS
import Testing

@testable import AlertStorage

/// What the store on PostgreSQL does when it opens and when its server fails it.
@Suite struct PostgresStoreTests {
    private typealias Sample = StoreContract.Sample

    @Test func `replicas that start at once make the tables once`() async throws {
        try await PostgresFixture.test { fixture in
            let openings = (0..<6).map { _ in
                LoopActor.spawn { await Result { try await fixture.open() } }
            }
            var stores: [PostgresStore] = []
            for opening in openings { stores.append(try await opening.value.get()) }
            try await StoreContract.prepare(stores[0])
            for store in stores {
                #expect(try await store.sources().count == 1)
                #expect(
                    try await store.apiKey(of: Sample.integrationID) == APIKey("BPU-sample-key"))
                await store.close()
            }
            #expect(try await fixture.run("SELECT count(*) FROM gateway_schema") == 1)
        }
    }

    @Test func `a newer schema is refused and left as it is`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { _ in }
            try await fixture.run("UPDATE gateway_schema SET version = 99")
            #expect(await openingError(fixture)?.kind == .newerSchema)
            #expect(try await fixture.run("SELECT version FROM gateway_schema") == 99)
        }
    }

    @Test func `tables of another program are refused and left as they are`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.run("CREATE TABLE alerts(theirs text)")
            #expect(await openingError(fixture)?.kind == .foreign)
            let count = try await fixture.run(
                "SELECT count(*) FROM pg_tables WHERE schemaname = '\(fixture.schema)'")
            #expect(count == 1)
        }
    }

    @Test func `another master key is refused`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in try await StoreContract.prepare(store) }
            let other = Secret(String(repeating: "x", count: 32))
            #expect(await openingError(fixture, masterKey: other)?.kind == .wrongMasterKey)
            #expect(
                await openingError(fixture, masterKey: Secret("short"))?.kind == .wrongMasterKey)
        }
    }

    @Test func `a server that is not there is worth another try`() async throws {
        try await LoopFixture.run {
            do throws(StoreError) {
                _ = try await PostgresStore.open(
                    try PostgresLocation("postgres://user:s3cret@127.0.0.1:1/gateway"),
                    masterKey: Secret(String(repeating: "k", count: 32)))
                Issue.record("somebody listens on port 1")
            } catch {
                #expect(error.kind == .inputOutput)
                #expect(error.isRetryable)
                #expect(!error.message.contains("s3cret"))
            }
        }
    }

    @Test func `connections that were cut between calls are opened anew`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                for number in 0..<3 {
                    try await cutAll(fixture)
                    let results = try await store.apply([Sample.arrival("inc-\(number)", .new)])
                    #expect(results.map(\.outcome) == [.created])
                    try await cutAll(fixture)
                    #expect(try await store.alerts(AlertQuery()).items.count == number + 1)
                }
            }
        }
    }

    @Test func `a batch whose connection is cut before its commit is done again`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                _ = try await store.apply([Sample.arrival("a", .new)])
                let attempts = try await store.core.countingAttempts { transaction, attempt in
                    _ = try await transaction.lock([Sample.alertID("a")])
                    if attempt == 1 { try await cutAll(fixture) }
                    _ = try await transaction.lock([Sample.alertID("a")])
                }
                #expect(attempts == 2)
            }
        }
    }

    @Test func `a read whose connection is cut under it is made again`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.run("CREATE SEQUENCE tries")
            try await fixture.withStore { store in
                // A connection that is cut between calls is seen to be; this one ends itself.
                try await store.core.runReading(
                    """
                    SELECT CASE WHEN nextval('tries') = 1
                    THEN pg_terminate_backend(pg_backend_pid())::text || pg_sleep(9)::text END
                    """)
            }
            #expect(try await fixture.run("SELECT last_value FROM tries") == 2)
        }
    }

    @Test func `a connection that takes no writes is not used again`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                _ = try await store.core.countingAttempts { transaction, _ in
                    // As if the server at its other end had become a standby.
                    _ = try await transaction.run([
                        .init(once: "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
                    ])
                }
                let error = await #expect(throws: StoreError.self) {
                    try await store.apply([Sample.arrival("a", .new)])
                }
                #expect(error?.kind == .readOnly && error?.isRetryable == true)
                _ = try await store.apply([Sample.arrival("a", .new)])
            }
        }
    }

    @Test func `a batch whose connection is cut in its commit is not done again unasked`()
        async throws
    {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                // The commit itself ends its session: nobody here knows that it came to nothing.
                try await fixture.run(
                    "CREATE SEQUENCE tries",
                    """
                    CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        PERFORM nextval('tries'), pg_terminate_backend(pg_backend_pid());
                        PERFORM pg_sleep(9);
                        RETURN NULL;
                    END $$
                    """,
                    """
                    CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON alerts
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()
                    """)
                let error = await #expect(throws: StoreError.self) {
                    try await store.apply([Sample.arrival("a", .new)])
                }
                #expect(error?.isRetryable == true)
                #expect(try await fixture.run("SELECT last_value FROM tries") == 1)
                try await fixture.run("DROP TRIGGER cut ON alerts")
                #expect(try await store.apply([Sample.arrival("a")]).map(\.outcome) == [.created])
            }
        }
    }

    @Test func `a batch that loses against another is done again`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                _ = try await store.apply([Sample.arrival("a", .new), Sample.arrival("b", .new)])
                // Two that lock in opposite orders: the server has one of them fail.
                let core = store.core
                let transactions = [["a", "b"], ["b", "a"]].map { order in
                    LoopActor.spawn {
                        await Result {
                            try await core.countingAttempts { transaction, _ in
                                for name in order {
                                    _ = try await transaction.lock([Sample.alertID(name)])
                                    _ = try await transaction.run([
                                        .init(once: "SELECT pg_sleep(0.2)::text")
                                    ])
                                }
                            }
                        }
                    }
                }
                var attempts = 0
                for transaction in transactions { attempts += try await transaction.value.get() }
                // Done again at once, it may lose once more.
                #expect(attempts >= 3)
            }
        }
    }

    @Test func `a transaction waits for the disk and ends in time, whatever the server is set to`()
        async throws
    {
        try await PostgresFixture.test { fixture in
            let others = "%20-csynchronous_commit%3Doff%20-cstatement_timeout%3D0"
            let location = try PostgresLocation(
                fixture.address + others + "%20-cdefault_transaction_isolation%3Dserializable")
            let store = try await PostgresStore.open(location, masterKey: fixture.masterKey)
            _ = try await store.core.countingAttempts { transaction, _ in
                let names = [
                    "synchronous_commit", "statement_timeout",
                    "idle_in_transaction_session_timeout", "transaction_isolation",
                ]
                let results = try await transaction.run(
                    names.map { .init(once: "SELECT current_setting('\($0)')") })
                let settings = results.map { result in
                    var row = result.first
                    return row?.readText()
                }
                #expect(settings == ["on", "10s", "20s", "read committed"])
            }
            await store.close()
        }
    }

    private func openingError(
        _ fixture: PostgresFixture, masterKey: Secret? = nil
    ) async -> StoreError? {
        do throws(StoreError) {
            let store = try await fixture.open(masterKey: masterKey)
            await store.close()
            return nil
        } catch {
            return error
        }
    }

    /// Ends all sessions on the fixture's schema but the one that does it.
    private func cutAll(_ fixture: PostgresFixture) async throws {
        try await fixture.run(
            """
            SELECT count(pg_terminate_backend(l.pid, 5000)) FROM pg_stat_activity l
            WHERE l.pid <> pg_backend_pid() AND l.application_name = '\(fixture.schema)'
            """)
    }
}

extension PostgresCore {
    fileprivate func runReading(_ text: String) async throws(StoreError) {
        _ = try await read("Testing", [PostgresQuery(once: text)])
    }
}

extension Result where Failure == any Error {
    /// What `body` came to.
    @LoopActor
    fileprivate init(_ body: @LoopActor () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
