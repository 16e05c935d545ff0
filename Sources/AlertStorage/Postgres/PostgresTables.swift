import Alerts
import Postgres

/// How the domain's values are spread over columns.
enum PostgresTables {
    /// The server's clock at this very statement, in milliseconds since 1970.
    static let clock = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    /// The time that claims are counted by: what `parameter` holds, or the server's clock.
    static func leaseClock(_ parameter: String) -> String {
        "coalesce(\(parameter)::bigint, \(clock))"
    }

    /// Which of the rows that a count is spread over is this session's: nobody waits there for
    /// another's disk, but for two sessions that met by chance.
    static let slot = "pg_backend_pid() % 64"

    /// The sources of canaries, those out of use too.
    static let canarySources =
        "SELECT key FROM sources WHERE starts_with(id, '\(SourceID.canaryPrefix)')"

    /// A close on its way into its row.
    struct CloseRow {
        /// The row's key; `nil` for a new one.
        var key: Int64?
        let alertKey: Int64
        let sourceKey: Int64
        let close: Close
        var fence: Int64 = 0
        var leaseEndsAt: Timestamp?
    }

    /// An entry of a timeline on its way into its row.
    struct TransitionRow {
        let alertKey: Int64
        let transition: Transition
    }

    /// What an alert never changes.
    static let fixedAlert: [PostgresColumn<AlertRecord>] = [
        .int("key") { $0.key }, .int("source_key") { $0.sourceKey },
        .text("id") { $0.subject.alert.id.text },
        .text("incident_id") { $0.subject.alert.incidentID },
        .int("created_at") { $0.subject.alert.createdAt.milliseconds },
    ]
    /// What an alert changes.
    static let alert: [PostgresColumn<AlertRecord>] = [
        .int("sequence") { $0.sequence },
        .bool("is_firing") { $0.subject.alert.status == .firing },
        .text("title") { $0.subject.alert.title }, .text("summary") { $0.subject.alert.summary },
        .text("severity") { $0.subject.alert.severity },
        .text("bigpanda_status") { $0.subject.alert.bigPandaStatus },
        .bool("is_open_in_bigpanda") { $0.subject.alert.isOpenInBigPanda },
        .text("environment_id") { $0.subject.alert.environmentID },
        .bool("is_flapping") { $0.subject.alert.flapping },
        .bool("is_snoozed") { $0.subject.alert.snoozed },
        .text("tags") { StoredDocuments.tagsText($0.subject.alert.tags) },
        .text("source_url") { $0.subject.alert.sourceURL },
        .int("alert_count") { $0.subject.alert.alertCount.map { Int64($0) } },
        .int("fired_at") { $0.subject.alert.firedAt?.milliseconds },
        .int("resolved_at") { $0.subject.alert.resolvedAt?.milliseconds },
        .text("resolved_by_kind") { $0.subject.alert.resolvedBy?.kind.rawValue },
        .text("resolved_by_name") { $0.subject.alert.resolvedBy?.name },
        .int("updated_at") { $0.subject.alert.updatedAt.milliseconds },
        .int("changed_on") { $0.subject.alert.newestTimes.changedOn?.milliseconds },
        .int("updated_on") { $0.subject.alert.newestTimes.updatedOn?.milliseconds },
        .int("fingerprint_high") {
            $0.subject.alert.lastFingerprint.map { Int64(bitPattern: $0.high) }
        },
        .int("fingerprint_low") {
            $0.subject.alert.lastFingerprint.map { Int64(bitPattern: $0.low) }
        },
    ]
    /// When an alert is read back.
    static let plan: [PostgresColumn<AlertRecord>] = [
        .int("reading_due_at") { $0.plan.dueAt?.milliseconds },
        .int("missing_count") { Int64($0.plan.missesCount) },
    ]
    /// What a close never changes.
    static let fixedClose: [PostgresColumn<CloseRow>] = [
        .text("id") { $0.close.id.text }, .text("requested_by") { $0.close.requestedBy },
        .text("comment") { $0.close.comment },
        .int("created_at") { $0.close.createdAt.milliseconds },
    ]
    /// What a close changes.
    static let close: [PostgresColumn<CloseRow>] = [
        .text("state") { $0.close.state.rawValue },
        .text("next_step") { $0.close.nextStep.rawValue },
        .int("attempts") { Int64($0.close.attempts) },
        .int("failures") { Int64($0.close.failures) },
        .int("next_attempt_at") { $0.close.nextAttemptAt?.milliseconds },
        .text("last_error") { $0.close.lastError },
        .int("sent_at") { $0.close.sentAt?.milliseconds },
        .int("updated_at") { $0.close.updatedAt.milliseconds },
    ]
    private static let claim: [PostgresColumn<CloseRow>] = [
        .int("lease_ends_at") { $0.leaseEndsAt?.milliseconds }, .int("fence") { $0.fence },
    ]

    static let insertAlerts = PostgresRows.inserting(
        into: "alerts", fixedAlert + alert + plan)
    static let updateAlerts = PostgresRows.updating(
        "alerts", [fixedAlert[0]] + alert + plan)
    static let updatePlans = PostgresRows.updating("alerts", [fixedAlert[0]] + plan)
    static let updateCloses = PostgresRows.updating(
        "closes", [.int("key") { $0.key }] + close, also: changed)
    /// Closes get the number of their change as they are written.
    private static let changed = "sequence = nextval('changes')"
    /// Writes closes that were claimed, or taken from who claimed them.
    static let updateClaims = PostgresRows.updating(
        "closes", [.int("key") { $0.key }] + close + claim, also: changed)
    static let insertCloses: PostgresRows<CloseRow> = {
        let columns = fixedClose + close
        let names = columns.map(\.name)
        return PostgresRows(
            text: """
                INSERT INTO closes(alert_key, integration_key, fence, sequence, \
                \(names.joined(separator: ", ")))
                SELECT u.alert_key, s.integration_key, 0, nextval('changes'), \
                \(names.map { "u.\($0)" }.joined(separator: ", "))
                FROM ROWS AS u(alert_key, source_key, \(names.joined(separator: ", ")))
                    JOIN sources s ON s.key = u.source_key
                """,
            columns: [.int("alert_key") { $0.alertKey }, .int("source_key") { $0.sourceKey }]
                + columns)
    }()
    static let insertTransitions = PostgresRows<TransitionRow>.inserting(
        into: "transitions",
        [
            .int("alert_key") { $0.alertKey }, .int("at") { $0.transition.at.milliseconds },
            .text("outcome") { $0.transition.outcome.rawValue },
            .bool("is_firing") { $0.transition.status == .firing },
            .text("cause_kind") { $0.transition.cause.kind.rawValue },
            .text("cause_name") { $0.transition.cause.name },
            .text("comment") { $0.transition.comment },
            .int("changed_on") { $0.transition.changedOn?.milliseconds },
            .int("delivery_key") { $0.transition.deliveryID?.number },
        ])

    /// Joins `sources s` to `alerts a` so that alerts are found first: adding nothing keeps the
    /// planner from looking for one among all that its source has, which costs as much as any other
    /// way while the table is empty.
    static let isSourceOfAlert = "s.key = a.source_key + 0"
    /// All columns that make an `AlertRecord`, and where they come from.
    ///
    /// The newest close is looked up apart, since a row of `alerts` that is locked after a wait is
    /// read anew while what it was joined to is not: lock first, and read in a statement after.
    static let record = """
        SELECT s.id, \(names(fixedAlert + alert + plan, of: "a")), c.key, c.fence, \
        \(names(fixedClose, of: "c")), \(names(close, of: "c"))
        FROM alerts a JOIN sources s ON \(isSourceOfAlert)
            LEFT JOIN LATERAL (
                SELECT * FROM closes WHERE alert_key = a.key ORDER BY key DESC LIMIT 1
            ) c ON true
        """
    /// All columns that make a `Close`, its alert's id first, from `closes c` and `alerts a`.
    static let wholeClose = "a.id, \(names(fixedClose, of: "c")), \(names(close, of: "c"))"

    private static func names<Row>(_ columns: [PostgresColumn<Row>], of table: String) -> String {
        columns.map { "\(table).\($0.name)" }.joined(separator: ", ")
    }
}
