import Alerts
import SQLite

extension StoreSession {
    /// Alerts by filter, newest change first.
    func alerts(_ query: AlertQuery) throws(SQLiteError) -> Page<AlertMachine.Subject> {
        let needle = TextNeedle(query.text)
        var select = try prepare(query, needle: needle)
        var found: [AlertRecord] = []
        while found.count <= query.limit, try select.step() == .row {
            let record = try readRecord(&select)
            // SQL narrows down; what a text means is decided here.
            if needle?.isIn(record.subject.alert) ?? true { found.append(record) }
        }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { $0.sequence } : nil
        return Page(
            items: items.map(\.subject), next: next.map { PageCursor(sequence: $0) })
    }

    /// How many alerts and closes there are in each state.
    func statistics() throws(SQLiteError) -> StoreStatistics {
        var statistics = StoreStatistics(oldestOwedClose: try oldestOwedClose())
        for status in AlertStatus.allCases {
            let count = Int(try count("alerts.\(status.rawValue)"))
            if count != 0 { statistics.alerts[status] = count }
        }
        for state in CloseState.allCases {
            let count = Int(try count("closes.\(state.rawValue)"))
            if count != 0 { statistics.closes[state] = count }
        }
        return statistics
    }

    /// What SQLite does for a query, a line for each step: for tests of the indexes.
    func plan(of query: AlertQuery) throws(SQLiteError) -> [String] {
        let sql = sql(for: query, needle: TextNeedle(query.text))
        var explain = try connection.prepare("EXPLAIN QUERY PLAN " + sql)
        var lines: [String] = []
        while try explain.step() == .row { lines.append(explain.text(at: 3)) }
        return lines
    }

    private func prepare(
        _ query: AlertQuery, needle: TextNeedle?
    ) throws(SQLiteError) -> SQLiteStatement {
        var select = try connection.prepare(sql(for: query, needle: needle))
        try select.bind(query.cursor?.sequence ?? .max, at: 1)
        // SQLite numbers ?1 to ?5; those that the query doesn't ask for aren't in the text.
        if let sourceID = query.sourceID { try select.bind(sourceID.text, at: 2) }
        if let severity = query.severity { try select.bind(severity, at: 3) }
        if let incidentID = query.incidentID { try select.bind(incidentID, at: 4) }
        if let needle { try select.bind(needle.pattern, at: 5) }
        return select
    }

    /// The sources of canaries, those out of use too.
    static let canarySources =
        "SELECT key FROM sources WHERE id GLOB '\(SourceID.canaryPrefix)*'"

    /// One ordered read of an index for each status, merged by SQLite; so the page costs the same
    /// however many alerts there are, as long as the filters let most through.
    private func sql(for query: AlertQuery, needle: TextNeedle?) -> String {
        // An incident has few alerts: a plus keeps SQLite from the index of changes.
        let plus = query.incidentID == nil ? "" : "+"
        var conditions = ["\(plus)a.sequence < ?1"]
        if query.sourceID != nil {
            conditions.append("a.source_key = (SELECT key FROM sources WHERE id = ?2)")
        }
        if query.severity != nil { conditions.append("a.severity = ?3") }
        if query.incidentID != nil { conditions.append("a.incident_id = ?4") }
        if !query.includesCanaries {
            conditions.append("a.source_key NOT IN (\(Self.canarySources))")
        }
        if needle != nil {
            conditions.append(
                """
                (a.title LIKE ?5 ESCAPE '^' OR a.summary LIKE ?5 ESCAPE '^'
                OR a.incident_id LIKE ?5 ESCAPE '^' OR a.tags LIKE ?5 ESCAPE '^')
                """)
        }
        let statuses = query.status.map { [$0] } ?? AlertStatus.allCases
        let selects = statuses.map { status in
            """
            SELECT \(Columns.record) FROM \(Columns.recordTables)
            WHERE \(plus)a.is_firing = \(status == .firing ? 1 : 0) AND \
            \(conditions.joined(separator: " AND "))
            """
        }
        let order = Columns.fixedAlert.count + 1
        return selects.joined(separator: " UNION ALL ") + " ORDER BY \(order) DESC"
    }
}

/// A text that is looked for in alerts, in any letter case.
struct TextNeedle {
    private let text: String
    /// What SQLite's LIKE looks for first: lets through all that holds the text, and some more.
    ///
    /// LIKE knows upper and lower case of ASCII only, and tags are stored as JSON, which spells
    /// quotes, backslashes and control characters in another way, as PostgreSQL's texts do with
    /// U+10FFFD; so any text stands for those.
    let pattern: String

    /// - Returns: `nil` for a text that is in every alert.
    init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        self.text = text.lowercased()
        pattern = "%\(text.map(Self.pattern(for:)).joined())%"
    }

    private static func pattern(for character: Character) -> String {
        switch character {
        case "%", "_": return "^\(character)"
        case "^": return "^^"
        case "\"", "\\", "\u{10FFFD}": return "%"
        default: break
        }
        if let ascii = character.asciiValue { return ascii < 0x20 ? "%" : "\(character)" }
        let hasCase = character.lowercased() != character.uppercased()
        return hasCase ? "%" : "\(character)"
    }

    /// Whether title, summary, incident id or a tag holds the text.
    func isIn(_ alert: Alert) -> Bool {
        isIn(alert.title) || isIn(alert.summary ?? "") || isIn(alert.incidentID)
            || alert.tags.contains { isIn($0.name) || isIn($0.value) }
    }

    private func isIn(_ hay: String) -> Bool { hay.lowercased().contains(text) }
}
