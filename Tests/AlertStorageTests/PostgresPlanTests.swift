import Alerts
import GatewayTesting
import Testing

@testable import AlertStorage

/// What the gateway does all the time reads no table through, however full it is.
@Suite struct PostgresPlanTests {
    private typealias Sample = StoreContract.Sample
    private static let rowsCount = 100_000
    private static let large = ["alerts", "transitions", "closes", "deliveries"]

    @Test func `with 100,000 alerts every hot statement uses an index`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in try await StoreContract.prepare(store) }
            try await fill(fixture)
            try await fixture.run("ANALYZE")
            let before = try await scansCount(fixture)
            // The counts of a session are complete once it has ended.
            try await fixture.withStore { store in try await work(store) }
            let after = try await scansCount(fixture)
            #expect(after == before, "a large table was read through")
        }
    }

    @Test func `reading a table through is noticed`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { _ in }
            let before = try await scansCount(fixture)
            try await fixture.run("SELECT count(*) FROM alerts WHERE title = 'x'")
            #expect(try await scansCount(fixture) == (before ?? 0) + 1)
        }
    }

    /// As after the first minutes of a new store, or a move: nobody has counted the rows yet.
    @Test func `plans that were made on empty tables hold for full ones`() async throws {
        try await PostgresFixture.test { fixture in
            let before = try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                for _ in 0..<Self.callsUntilPlanned {
                    _ = try await store.apply([Sample.arrival("first", .new)])
                }
                try await fill(fixture)
                let before = try await rowsReadCount(fixture)
                try await work(store)
                return before
            }
            try await sessionsEnd(fixture)
            let count = try await rowsReadCount(fixture) - before
            #expect(count < 20_000, "\(count) rows were read")
        }
    }

    /// The server makes a plan for good with the sixth (PostgreSQL, PREPARE, Notes).
    private static let callsUntilPlanned = 8

    private func work(_ store: PostgresStore) async throws {
        let now = Timestamp(milliseconds: 2_000_000)
        let arrivals = (0..<20).map { Sample.arrival("new-\($0)", .new) }
        _ = try await store.apply(arrivals)
        _ = try await store.apply(arrivals)
        _ = try await store.resolve(Sample.request("new-1"), at: now)
        let claimed = try await store.claimDueCloses(CloseClaim(at: now, limit: 4))
        #expect(claimed.count == 1)
        for close in claimed {
            _ = try await store.renew(close, at: now)
            _ = try await store.conclude(
                Sample.conclusion("new-1", .rateLimited(retryAfter: nil), at: 9))
        }
        _ = try await store.recoverInterruptedCloses(at: now)
        _ = try await store.nextCloseDueAt(excluding: [])
        _ = try await store.dueReadings(of: Sample.integrationID, at: now, limit: 100)
        _ = try await store.alert(AlertID("alt_500"))
        _ = try await store.timeline(of: AlertID("alt_500"), limit: 100)
        var query = AlertQuery(limit: 50)
        _ = try await store.alerts(query)
        query.status = .firing
        _ = try await store.alerts(query)
        query.sourceID = Sample.sourceID
        _ = try await store.alerts(query)
        query.incidentID = "filled-77"
        _ = try await store.alerts(query)
        _ = try await store.closes(CloseQuery(limit: 50))
        var closes = CloseQuery(limit: 50)
        closes.state = .failed
        _ = try await store.closes(closes)
        _ = try await store.deliveries(DeliveryQuery(limit: 50))
        _ = try await store.statistics()
        _ = try await store.prune(resolvedBefore: Timestamp(milliseconds: 1), limit: 500)
        _ = try await store.pruneDeliveries(
            JournalBound(receivedBefore: Timestamp(milliseconds: 1), bytesMax: .max), limit: 100)
    }

    /// Alerts as a year leaves them: nearly all resolved, their closes made.
    private func fill(_ fixture: PostgresFixture) async throws {
        let count = Self.rowsCount
        try await fixture.run(
            """
            INSERT INTO alerts(
                key, id, source_key, incident_id, created_at, sequence, is_firing, title,
                is_open_in_bigpanda, is_flapping, is_snoozed, tags, updated_at, resolved_at,
                reading_due_at, missing_count)
            SELECT nextval('alert_keys'), 'alt_' || n, s.key, 'filled-' || n, 1000000 + n,
                nextval('changes'), n % 100 = 0, 'Disk full', n % 100 = 0, false, false, '{}',
                1000000 + n, CASE WHEN n % 100 > 0 THEN 1000000 + n END,
                CASE WHEN n % 100 = 0 THEN 9000000 + n END, 0
            FROM generate_series(1, \(count)) n, (SELECT min(key) AS key FROM sources) s
            """,
            """
            INSERT INTO transitions(alert_key, at, outcome, is_firing, cause_kind, cause_name)
            SELECT key, created_at, 'created', true, 'bigpanda', 'BigPanda' FROM alerts
            """,
            """
            INSERT INTO closes(
                id, alert_key, integration_key, requested_by, created_at, state, next_step,
                attempts, failures, updated_at, fence)
            SELECT 'cls_f' || a.key, a.key, s.integration_key, 'ada', a.created_at, 'confirmed',
                'close', 1, 0, a.updated_at, 1
            FROM alerts a JOIN sources s ON s.key = a.source_key WHERE NOT a.is_firing
            """,
            """
            INSERT INTO deliveries(
                key, received_at, source_key, outcome, peer, bytes, stored_bytes, header_bytes,
                content_at, block_key)
            SELECT nextval('changes'), 1000000 + n, s.key, 'created', '', 1, 1, 0, 0, 0
            FROM generate_series(1, \(count)) n, (SELECT min(key) AS key FROM sources) s
            """)
    }

    /// What sessions that have ended counted.
    private func scansCount(_ fixture: PostgresFixture) async throws -> Int64? {
        try await sessionsEnd(fixture)
        let names = Self.large.map { "'\($0)'" }.joined(separator: ", ")
        return try await fixture.run(
            """
            SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables
            WHERE schemaname = '\(fixture.schema)' AND relname IN (\(names))
            """)
    }

    /// The rows that were read, one way or the other, by sessions that have ended.
    private func rowsReadCount(_ fixture: PostgresFixture) async throws -> Int64 {
        // The one that filled the tables is among them once its rows are counted.
        var isFillingCounted: Int64? = 0
        while isFillingCounted == 0 {
            isFillingCounted = try await fixture.run(
                """
                SELECT (n_tup_ins >= \(Self.rowsCount))::int::bigint FROM pg_stat_user_tables
                WHERE schemaname = '\(fixture.schema)' AND relname = 'deliveries'
                """)
        }
        let count = try await fixture.run(
            """
            SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables
                WHERE schemaname = '\(fixture.schema)')::bigint
                + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes
                WHERE schemaname = '\(fixture.schema)')::bigint
            """)
        return try #require(count)
    }

    private func sessionsEnd(_ fixture: PostgresFixture) async throws {
        var sessionsCount: Int64? = 1
        while sessionsCount != 0 {
            sessionsCount = try await fixture.run(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = '\(fixture.schema)' AND pid <> pg_backend_pid()
                """)
        }
    }
}
