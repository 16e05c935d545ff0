import Alerts
import FileTesting
import GatewayTesting
import SQLite
import Testing

@testable import AlertStorage

@Suite struct StoreFailureTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    @Test func `a full disk is retryable, changes nothing and passes`() async throws {
        let store = try await fixture.openFilled()
        let before = try await store.alerts(AlertQuery()).items
        try await store.withWriterConnection { connection throws(SQLiteError) in
            let pagesCount = try connection.pragma("page_count")
            try connection.setPragma("max_page_count", pagesCount)
        }
        let batch = (0..<50).map { number in
            Sample.arrival("big-\(number)", .new) {
                $0.summary = String(repeating: "x", count: 5_000)
            }
        }
        let error = await #expect(throws: StoreError.self) { try await store.apply(batch) }
        #expect(error?.kind == .full)
        #expect(error?.isRetryable == true)
        #expect(error?.message.contains("room") == true)
        #expect(try await store.alerts(AlertQuery()).items == before)
        #expect(try await store.statistics().alerts == [.resolved: 1])
        try await store.withWriterConnection { connection throws(SQLiteError) in
            try connection.setPragma("max_page_count", 1_000_000)
        }
        #expect(try await store.apply(batch).count == 50)
        #expect(try await store.statistics().alerts == [.firing: 50, .resolved: 1])
        await store.close()
    }

    @Test func `a batch stopped anywhere leaves nothing half written`() async throws {
        let store = try await fixture.openFilled()
        let batch = [
            Sample.arrival("a", .reopen, changedOn: 100, at: 100), Sample.arrival("b", .new),
            Sample.arrival("b", .closed, active: false),
        ]
        let before = try await State(of: store)
        var stopsCount = 0
        // A step that is prime, so that over the run every kind of instruction is met.
        for instruction in stride(from: 1, to: 100_000, by: 7) {
            try await store.withWriterConnection { connection throws(SQLiteError) in
                connection.interruptOnce(afterInstructions: instruction)
            }
            do {
                _ = try await store.apply(batch)
                break
            } catch {
                stopsCount += 1
                #expect(error.isRetryable)
                #expect(error.kind == .busy)
            }
            try await store.withWriterConnection { connection throws(SQLiteError) in
                connection.setDeadline(nil)
            }
            let after = try await State(of: store)
            #expect(after == before)
        }
        #expect(stopsCount > 50)
        let results = try await store.alerts(AlertQuery()).items
        #expect(results.map(\.alert.incidentID) == ["b", "a"])
        #expect(results.map(\.alert.status) == [.resolved, .firing])
        await store.close()
    }

    @Test func `a lock that another process holds is busy and passes`() async throws {
        let store = try await fixture.openFilled()
        do {
            let other = try SQLiteConnection(fixture.path)
            try other.execute("BEGIN IMMEDIATE")
            // A call that has waited its time for others waits for the lock no more.
            let started = ContinuousClock.now
            let error = await #expect(throws: StoreError.self) {
                try await store.writer.write("Failing", asked: started - .seconds(5)) {
                    (session) throws(SQLiteError) in session.add(1, toCount: "probes")
                }
            }
            #expect(started.duration(to: .now) < .seconds(4))
            #expect(error?.kind == .busy)
            #expect(error?.isRetryable == true)
            // Reading goes on.
            #expect(try await store.alert(Sample.alertID("a")) != nil)
            try other.execute("ROLLBACK")
        }
        try await store.checkWritable()
        await store.close()
    }

    @Test func `after an error of the system the file is opened again`() async throws {
        let store = try await fixture.openFilled()
        let before = try await State(of: store)
        // A connection in doubt is told by its own table, which the next one doesn't have.
        try await store.withWriterConnection { connection throws(SQLiteError) in
            try connection.execute("CREATE TEMP TABLE doubtful(id INTEGER) STRICT")
        }
        let error = await #expect(throws: StoreError.self) {
            try await store.write("Failing") { _ throws(SQLiteError) in
                throw SQLiteError(inputOutput: "sync the log")
            }
        }
        #expect(error?.kind == .inputOutput)
        #expect(error?.isRetryable == true)
        try await store.checkWritable()
        let isSame = try await store.withWriterConnection { connection throws(SQLiteError) in
            var select = try connection.prepare("SELECT count(*) FROM sqlite_temp_schema")
            return try select.step() == .row ? select.int64(at: 0) == 1 : true
        }
        #expect(!isSame)
        #expect(try await State(of: store) == before)
        await store.close()
    }

    @Test func `a file that is opened again stays locked against other processes`() async throws {
        let store = try await fixture.openFilled()
        #expect(fixture.isLocked())
        _ = await #expect(throws: StoreError.self) {
            try await store.write("Failing") { _ throws(SQLiteError) in
                throw SQLiteError(inputOutput: "sync the log")
            }
        }
        try await store.checkWritable()
        #expect(fixture.isLocked())
        await store.close()
        #expect(!fixture.isLocked())
    }

    @Test func `a store whose file is gone is not made anew`() async throws {
        let store = try await fixture.openFilled()
        _ = await #expect(throws: StoreError.self) {
            try await store.write("Failing") { _ throws(SQLiteError) in
                throw SQLiteError(inputOutput: "sync the log")
            }
        }
        for name in fixture.directory.names { fixture.directory.remove(name) }
        let error = await #expect(throws: StoreError.self) { try await store.checkWritable() }
        #expect(error?.kind == .inputOutput)
        #expect(error?.isRetryable == true)
        #expect(!fixture.directory.names.contains("gateway.db"))
        await store.close()
    }

    @Test func `nothing is written to a file that lost its name while it was open`() async throws {
        let store = try await fixture.openFilled()
        for name in fixture.directory.names { fixture.directory.remove(name) }
        for _ in 0..<2 {
            let error = await #expect(throws: StoreError.self) {
                try await store.apply([Sample.arrival("b", .new)])
            }
            #expect(error?.kind == .inputOutput)
            #expect(error?.message.contains("put it back") == true)
        }
        await store.close()
    }

    @Test func `calls made while the store closes end one way or the other`() async throws {
        let store = try await fixture.openFilled()
        let outcomes = await withTaskGroup(of: StoreError?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    if number == 10 { await store.close() }
                    do throws(StoreError) {
                        _ = try await store.apply([Sample.arrival("n-\(number)", .new)])
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 20)
        #expect(outcomes.allSatisfy { $0 == nil || $0?.kind == .closed })
        let again = try await fixture.open()
        let storedCount = try await again.statistics().alerts[.firing] ?? 0
        #expect(storedCount == outcomes.count { $0 == nil })
        await again.close()
    }
}

/// Everything that a batch could change.
private struct State: Equatable {
    let alerts: [AlertMachine.Subject]
    let timeline: [Transition]
    let closes: [Close]
    let statistics: StoreStatistics
    let sources: [Source]

    init(of store: SQLiteStore) async throws {
        alerts = try await store.alerts(AlertQuery()).items
        timeline = try await store.timeline(of: StoreContract.Sample.alertID("a"), limit: 99)
        closes = try await store.closes(CloseQuery()).items
        statistics = try await store.statistics()
        sources = try await store.sources()
    }
}
