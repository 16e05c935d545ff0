import Alerts
import EventLoop
import Postgres

// Numbers of changes are drawn before their transactions commit, which they do in any order. What
// may be read is known by a grace period: every transaction holds a lock in common before it draws
// a number. So, once those have ended that held it just after the newest number was asked for, all
// that has numbers up to that one is there, or never will be.
extension PostgresCore {
    private static let newest = PostgresText(
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM changes")
    private static let holders = """
        SELECT virtualtransaction FROM pg_locks
        WHERE locktype = 'advisory' AND classid = \(PostgresSchema.changesLockClass)
            AND objid = hashtext(current_schema())::oid AND objsubid = 2
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    private static let underWay = PostgresText(holders)
    private static let stillUnderWay = PostgresText(
        "\(holders) AND virtualtransaction = ANY($1::text[])")

    private static let alerts = PostgresText(
        """
        \(PostgresTables.record) WHERE a.sequence > $1 AND a.sequence <= $2
        ORDER BY a.sequence LIMIT $3::bigint
        """)
    private static let closes = PostgresText(
        """
        SELECT c.sequence, \(PostgresTables.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.sequence > $1 AND c.sequence <= $2 ORDER BY c.sequence LIMIT $3::bigint
        """)
    private static let removedIntegrations = PostgresText(
        """
        SELECT sequence, id FROM removed_integrations
        WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3::bigint
        """)

    /// The number up to which everything can be read.
    func latestChange() async throws(StoreError) -> Int64 {
        guard let settled = try await settle().settled else {
            throw StoreError(.busy, "Changes are under way for long; try again.")
        }
        return settled
    }

    /// What changed since, oldest first.
    func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
        let (newest, settled) = try await settle(after: query.after)
        guard let settled, settled > query.after else {
            return ChangePage(query, settled: settled, newest: newest)
        }
        let values: [PostgresValue] = [
            .int(query.after), .int(settled), .int(Int64(query.limit)),
        ]
        let kinds = Array(query.kinds)
        let texts = kinds.flatMap(Self.texts(for:))
        var results = try await read(
            "Reading changes", texts.map { PostgresQuery($0, values) })[...]
        var found: [[Change]] = []
        for kind in kinds { found.append(try take(kind, from: &results)) }
        return ChangePage(query, settled: settled, newest: newest, found)
    }

    /// The newest number, and once it is known the same as one up to which everything can be read.
    private func settle(
        after number: Int64 = -1
    ) async throws(StoreError) -> (newest: Int64, settled: Int64?) {
        let what = "Looking for changes"
        let results = try await read(
            what, [PostgresQuery(Self.newest), PostgresQuery(Self.underWay)])
        let newest = results[0].numbers.first ?? 0
        guard newest > number else { return (newest, newest) }
        var holders = Self.names(results[1])
        let deadline = ContinuousClock.now + PostgresStoreLimits.settlingDuration
        while !holders.isEmpty {
            guard ContinuousClock.now < deadline else { return (newest, nil) }
            await Timer.wait(PostgresStoreLimits.settlingInterval)
            let query = PostgresQuery(Self.stillUnderWay, [.texts(holders)])
            holders = Self.names(try await read(what, [query])[0])
        }
        return (newest, newest)
    }

    private static func names(_ result: PostgresResult) -> [String] {
        result.rows.map { row in
            var row = row
            return row.readText()
        }
    }

    private static func texts(for kind: Change.Kind) -> [PostgresText] {
        switch kind {
        case .alert: [alerts]
        case .close: [closes]
        case .delivery: [PostgresReading.newDeliveries]
        case .integration: [PostgresTransaction.changedIntegrations, removedIntegrations]
        }
    }

    /// Takes what the statements for a kind brought.
    private func take(
        _ kind: Change.Kind, from results: inout ArraySlice<PostgresResult>
    ) throws(StoreError) -> [Change] {
        let what = "Reading changes"
        let result = results.removeFirst()
        switch kind {
        case .alert:
            return try records(result, what).map {
                Change(number: $0.sequence, subject: .alert($0.subject))
            }
        case .close:
            return try rows(result, what) { (row) throws(PostgresError) in
                let number = row.readInt64()
                let close = try row.readClose(alertID: AlertID(row.readText()))
                return Change(number: number, subject: .close(close))
            }
        case .delivery:
            return try rows(result, what) { (row) throws(PostgresError) in
                let delivery = try row.readDelivery()
                return Change(number: delivery.id.number ?? 0, subject: .delivery(delivery))
            }
        case .integration:
            let kept = try rows(result, what) { (row) throws(PostgresError) in
                let number = row.readInt64()
                let integration = try row.readIntegration(documents)
                return Change(number: number, subject: .integration(integration))
            }
            let removed = try rows(results.removeFirst(), what) { (row) throws(PostgresError) in
                let number = row.readInt64()
                let id = IntegrationID(row.readText())
                return Change(number: number, subject: .removedIntegration(id))
            }
            return kept + removed
        }
    }
}
