import Alerts
import EventLoop
import JSON
import Postgres

extension PostgresCore {
    /// One alert with its newest close.
    func alert(_ id: AlertID) async throws(StoreError) -> AlertMachine.Subject? {
        let what = "Reading an alert"
        let query = PostgresQuery(PostgresReading.alert, [.text(id.text)])
        let results = try await read(what, [query])
        return try records(results[0], what).first?.subject
    }

    /// An alert's timeline, oldest first, the newest `limit` entries.
    func timeline(of id: AlertID, limit: Int) async throws(StoreError) -> [Transition] {
        let what = "Reading a timeline"
        let query = PostgresQuery(PostgresReading.timeline, [.text(id.text), .int(Int64(limit))])
        let results = try await read(what, [query])
        return try rows(results[0], what) { (row) throws(PostgresError) in
            try row.readTransition()
        }.reversed()
    }

    /// Alerts by filter, newest change first.
    func alerts(_ query: AlertQuery) async throws(StoreError) -> Page<AlertMachine.Subject> {
        let what = "Listing alerts"
        let needle = TextNeedle(query.text)
        let countMax = needle == nil ? query.limit + 1 : PostgresStoreLimits.searchRowsMax
        var found: [AlertRecord] = []
        var sequence = query.cursor?.sequence ?? .max
        while found.count <= query.limit {
            let results = try await read(
                what,
                [
                    PostgresReading.alerts(
                        query, needle: needle, before: sequence, limit: countMax)
                ])
            let records = try records(results[0], what)
            // SQL narrows down; what a text means is decided here.
            found += records.filter { needle?.isIn($0.subject.alert) ?? true }
            guard records.count == countMax, let last = records.last else { break }
            sequence = last.sequence
        }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { $0.sequence } : nil
        return Page(items: items.map(\.subject), next: next.map { PageCursor(sequence: $0) })
    }

    /// How many alerts and closes there are in each state.
    func statistics() async throws(StoreError) -> StoreStatistics {
        let what = "Counting alerts"
        let results = try await read(
            what,
            [PostgresQuery(PostgresReading.counts), PostgresQuery(PostgresReading.oldestOwed)]
        )
        var counts: [String: Int] = [:]
        for var row in results[0].rows { counts[row.readText()] = Int(row.readInt64()) }
        var statistics = StoreStatistics()
        if var row = results[1].first { statistics.oldestOwedClose = row.readTimeIfAny() }
        for status in AlertStatus.allCases {
            let count = counts["alerts.\(status.rawValue)"] ?? 0
            if count != 0 { statistics.alerts[status] = count }
        }
        for state in CloseState.allCases {
            let count = counts["closes.\(state.rawValue)"] ?? 0
            if count != 0 { statistics.closes[state] = count }
        }
        return statistics
    }

    /// Closes by state, newest first.
    func closes(_ query: CloseQuery) async throws(StoreError) -> Page<Close> {
        let what = "Listing closes"
        var values: [PostgresValue] = [
            .int(query.cursor?.sequence ?? .max), .int(Int64(query.limit) + 1),
        ]
        if let state = query.state { values.append(.text(state.rawValue)) }
        let text = query.state == nil ? PostgresReading.closes : PostgresReading.closesByState
        let results = try await read(what, [PostgresQuery(text, values)])
        let found = try rows(results[0], what) {
            (row) throws(PostgresError) -> (key: Int64, close: Close) in
            let key = row.readInt64()
            return (key, try row.readClose(alertID: AlertID(row.readText())))
        }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { $0.key } : nil
        return Page(items: items.map(\.close), next: next.map { PageCursor(sequence: $0) })
    }

    /// When the next close is due, but for those of paused and of excluded integrations.
    func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) async throws(StoreError) -> Timestamp? {
        let paused = IntegrationState.allCases.filter(\.isPaused).map(\.rawValue)
        let results = try await read(
            "Looking for due closes",
            [
                PostgresQuery(
                    PostgresReading.nextDue,
                    [.texts(paused), .texts(integrations.map(\.text))])
            ])
        guard var row = results[0].first else { return nil }
        return row.readTimeIfAny()
    }

    /// Firing alerts of an integration's sources whose reading is due, those longest due first.
    func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [DueReading] {
        let what = "Looking for due readings"
        let values: [PostgresValue] = [
            .text(id.text), .int(moment.milliseconds), .int(Int64(limit)),
        ]
        let results = try await read(what, [PostgresQuery(PostgresReading.dueReadings, values)])
        return try rows(results[0], what) { (row) throws(PostgresError) in
            DueReading(
                alertID: AlertID(row.readText()), integrationID: id,
                sourceID: SourceID(row.readText()), incidentID: row.readText(),
                environmentID: row.readTextIfAny())
        }
    }

    /// What reading one alert's incident takes.
    func reading(of id: AlertID) async throws(StoreError) -> DueReading? {
        let what = "Looking for an alert"
        let results = try await read(
            what, [PostgresQuery(PostgresReading.reading, [.text(id.text)])])
        return try rows(results[0], what) { (row) throws(PostgresError) in
            DueReading(
                alertID: AlertID(row.readText()), integrationID: IntegrationID(row.readText()),
                sourceID: SourceID(row.readText()), incidentID: row.readText(),
                environmentID: row.readTextIfAny())
        }.first
    }

    /// What `body` makes of each row.
    func rows<Item>(
        _ result: PostgresResult, _ what: String,
        _ body: (inout PostgresRow) throws(PostgresError) -> Item
    ) throws(StoreError) -> [Item] {
        var items: [Item] = []
        do throws(PostgresError) {
            for var row in result.rows { items.append(try body(&row)) }
        } catch {
            throw StoreError(error, while: what)
        }
        return items
    }

    func records(
        _ result: PostgresResult, _ what: String
    ) throws(StoreError) -> [AlertRecord] {
        try rows(result, what) { (row) throws(PostgresError) in try row.readRecord(documents) }
    }
}
