import Alerts
import Postgres

extension PostgresTransaction {
    private static let statesOfIntegrations = PostgresText(
        "SELECT key, id, state FROM integrations")
    private static let bringForward = PostgresText(
        """
        UPDATE closes SET next_attempt_at = $2::bigint
        WHERE integration_key = ANY($1::bigint[]) AND next_attempt_at > $3::bigint
            AND state IN ('pending', 'sending', 'sent')
        """)
    /// Alerts that others hold are passed over: whoever holds one decides about its close.
    private static let lockDue = PostgresText(
        """
        SELECT a.key FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.integration_key = ANY($1::bigint[]) AND c.next_attempt_at <= $2::bigint
            AND c.state IN ('pending', 'sent') AND a.id <> ALL($3::text[])
        ORDER BY c.next_attempt_at, c.key LIMIT $4::bigint FOR UPDATE OF a SKIP LOCKED
        """)
    private static let due = PostgresText(
        """
        SELECT c.key, c.alert_key, a.source_key, c.fence, i.id, a.incident_id, a.environment_id,
            \(PostgresTables.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
            JOIN integrations i ON i.key = c.integration_key
        WHERE c.alert_key = ANY($1::bigint[]) AND c.next_attempt_at <= $2::bigint
            AND c.state IN ('pending', 'sent')
        ORDER BY c.next_attempt_at, c.key
        """)
    private static let lockInterrupted = PostgresText(
        """
        SELECT a.key FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.state = 'sending' AND c.lease_ends_at <= \(PostgresTables.leaseClock("$1"))
        ORDER BY a.key FOR UPDATE OF a SKIP LOCKED
        """)
    private static let interrupted = PostgresText(
        """
        SELECT c.key, c.alert_key, a.source_key, c.fence, \(PostgresTables.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.alert_key = ANY($1::bigint[]) AND c.state = 'sending'
            AND c.lease_ends_at <= \(PostgresTables.leaseClock("$2"))
        """)
    private static let leaseNow = PostgresText("SELECT \(PostgresTables.leaseClock("$1"))")

    private static let changeAlerts = PostgresText(
        "UPDATE alerts SET sequence = nextval('changes') WHERE key = ANY($1::bigint[])")

    /// Takes up due closes, those longest due first.
    func claimDueCloses(_ claim: CloseClaim) async throws(PostgresError) -> [ClaimedClose] {
        let atWork = try await run([PostgresQuery(Self.statesOfIntegrations)])[0]
            .integrationsAtWork(but: claim.excludedIntegrations)
        guard !atWork.isEmpty else { return [] }
        let (keys, at) = (PostgresValue.ints(atWork), claim.at.milliseconds)
        let horizon = (claim.at + CloseMachine.horizon).milliseconds
        let locked = try await run([
            PostgresQuery(Self.bringForward, [keys, .int(at), .int(horizon)]),
            PostgresQuery(
                Self.lockDue,
                [
                    keys, .int(at), .texts(claim.excludedAlerts.map(\.text)),
                    .int(Int64(claim.limit)),
                ]),
        ])[1].numbers
        guard !locked.isEmpty else { return [] }
        let found = try await run([
            PostgresQuery(Self.due, [.ints(locked), .int(at)]),
            PostgresQuery(Self.leaseNow, [core.leaseTime(claim.at)]),
        ])
        let (due, leaseNow) = (found[0], Timestamp(milliseconds: found[1].numbers.first ?? at))
        var (claimed, rows): ([ClaimedClose], [PostgresTables.CloseRow]) = ([], [])
        for var row in due.rows {
            var written = try row.readHead()
            let integrationID = IntegrationID(row.readText())
            let (incidentID, environmentID) = (row.readText(), row.readTextIfAny())
            let before = try row.readClose(alertID: AlertID(row.readText()))
            guard let close = CloseMachine.claim(before, at: claim.at) else { continue }
            written.fence += 1
            rows.append(
                PostgresTables.CloseRow(
                    written, close: close, leaseEndsAt: leaseNow + CloseMachine.lease))
            move("closes", from: before.state.rawValue, to: close.state.rawValue)
            claimed.append(
                ClaimedClose(
                    close: close, integrationID: integrationID, incidentID: incidentID,
                    environmentID: environmentID, fence: written.fence))
        }
        write(rows)
        return claimed
    }

    /// Makes closes due again whose claims have run out.
    func recoverInterruptedCloses(at now: Timestamp) async throws(PostgresError) -> Int {
        let at = core.leaseTime(now)
        let locked = try await run([PostgresQuery(Self.lockInterrupted, [at])])[0].numbers
        guard !locked.isEmpty else { return 0 }
        let found = try await run([PostgresQuery(Self.interrupted, [.ints(locked), at])])[0]
        var rows: [PostgresTables.CloseRow] = []
        for var row in found.rows {
            var written = try row.readHead()
            let before = try row.readClose(alertID: AlertID(row.readText()))
            guard let close = CloseMachine.recover(before, at: now) else { continue }
            // What the call under the old claim comes to is not asked for any more.
            written.fence += 1
            rows.append(PostgresTables.CloseRow(written, close: close, leaseEndsAt: nil))
            move("closes", from: before.state.rawValue, to: close.state.rawValue)
        }
        write(rows)
        return rows.count
    }

    /// Writes closes whose alerts are locked, and that their alerts changed with them.
    private func write(_ rows: [PostgresTables.CloseRow]) {
        guard let query = PostgresTables.updateClaims.query(rows) else { return }
        note(.changes)
        add(PostgresQuery(Self.changeAlerts, [.ints(rows.map(\.alertKey))]))
        add(query)
    }

    /// Counts something out of one state and into another.
    private func move(_ what: String, from before: String, to after: String) {
        guard before != after else { return }
        add(-1, toCount: "\(what).\(before)")
        add(1, toCount: "\(what).\(after)")
    }
}

/// The columns before a close's own.
private struct CloseHead {
    let key: Int64
    let alertKey: Int64
    let sourceKey: Int64
    var fence: Int64
}

extension PostgresTables.CloseRow {
    fileprivate init(_ head: CloseHead, close: Close, leaseEndsAt: Timestamp?) {
        self.init(
            key: head.key, alertKey: head.alertKey, sourceKey: head.sourceKey, close: close,
            fence: head.fence, leaseEndsAt: leaseEndsAt)
    }
}

extension PostgresRow {
    fileprivate mutating func readHead() throws(PostgresError) -> CloseHead {
        CloseHead(
            key: readInt64(), alertKey: readInt64(), sourceKey: readInt64(), fence: readInt64())
    }
}

extension PostgresResult {
    /// The keys of integrations that aren't paused, from their keys, ids and states.
    func integrationsAtWork(
        but excluded: Set<IntegrationID>
    ) throws(PostgresError) -> [Int64] {
        var keys: [Int64] = []
        for var row in rows {
            let (key, id) = (row.readInt64(), IntegrationID(row.readText()))
            let state: IntegrationState = try row.readCase(of: "integrations.state")
            if !state.isPaused, !excluded.contains(id) { keys.append(key) }
        }
        return keys
    }
}
