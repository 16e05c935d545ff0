import Alerts
import GatewayTesting
import SQLite
import Testing

@testable import AlertStorage

/// What keeps lists quick however many alerts there are: no table is read whole, nothing is sorted.
@Suite struct StorePlanTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    static let queries: [AlertQuery] = [
        AlertQuery(),
        query { $0.status = .firing },
        query { $0.status = .resolved },
        query { $0.sourceID = Sample.sourceID },
        query {
            $0.sourceID = Sample.sourceID
            $0.status = .resolved
        },
        query { $0.severity = "critical" },
        query { $0.text = "disk" },
        query { $0.cursor = PageCursor(sequence: 5) },
    ]

    @Test(arguments: queries)
    func `a list is read in the order of an index`(query: AlertQuery) async throws {
        let store = try await fixture.openFilled()
        let plan = try await store.read("Explaining") { (session) throws(SQLiteError) in
            try session.plan(of: query)
        }
        await store.close()
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(plan.contains { $0.contains("USING INDEX alerts_by_") }, "\(plan)")
    }

    @Test func `an incident is found by its index`() async throws {
        let store = try await fixture.openFilled()
        let query = Self.query { $0.incidentID = "a" }
        let plan = try await store.read("Explaining") { (session) throws(SQLiteError) in
            try session.plan(of: query)
        }
        await store.close()
        #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
        #expect(plan.contains { $0.contains("(incident_id=?") }, "\(plan)")
    }

    @Test func `due readings are found by an index of their own`() async throws {
        let store = try await fixture.openFilled()
        let plan = try await store.read("Explaining") { (session) throws(SQLiteError) in
            var explain = try session.connection.prepare(
                "EXPLAIN QUERY PLAN " + StoreSession.dueOfSource.text)
            var lines: [String] = []
            while try explain.step() == .row { lines.append(explain.text(at: 3)) }
            return lines
        }
        await store.close()
        #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
        #expect(
            plan.first?.hasPrefix("SEARCH alerts USING INDEX alerts_to_read (source_key=? AND")
                == true)
    }

    static let outcomes: [String?] = [nil, "created", "refused"]

    @Test(arguments: outcomes)
    func `deliveries are read from the end, and refused ones by their index`(
        outcome: String?
    ) async throws {
        let store = try await fixture.openFilled()
        var query = DeliveryQuery()
        query.outcome = outcome
        let asked = query
        let plan = try await store.read("Explaining") { (session) throws(SQLiteError) in
            try session.plan(of: asked)
        }
        await store.close()
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        let usesIndex = plan.contains { $0.contains("deliveries_refused") }
        #expect(usesIndex == (outcome == "refused"), "\(plan)")
    }

    @Test(arguments: outcomes)
    func `deliveries of a source are found by its index`(outcome: String?) async throws {
        let store = try await fixture.openFilled()
        var query = DeliveryQuery()
        query.outcome = outcome
        query.sourceID = Sample.sourceID
        let asked = query
        let plan = try await store.read("Explaining") { (session) throws(SQLiteError) in
            try session.plan(of: asked)
        }
        await store.close()
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(plan.contains { $0.contains("USING INDEX deliveries_") }, "\(plan)")
    }

    private static func query(_ adjust: (inout AlertQuery) -> Void) -> AlertQuery {
        var query = AlertQuery()
        adjust(&query)
        return query
    }
}
