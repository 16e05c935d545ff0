package import Alerts
import EventLoop
import Postgres

/// Counts of what happened in each hour, spread over slots as the other counts are.
enum PostgresActivity {
    private static let add = PostgresText(
        """
        INSERT INTO activity(hour, name, slot, value)
        SELECT u.hour, u.name, \(PostgresTables.slot), u.value
        FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS u(hour, name, value)
        ORDER BY u.hour, u.name
        ON CONFLICT (hour, name, slot) DO UPDATE SET value = activity.value + excluded.value
        """)
    static let since = PostgresText(
        """
        SELECT hour, name, sum(value)::bigint FROM activity WHERE hour >= $1::bigint
        GROUP BY hour, name
        """)
    static let prune = PostgresText("DELETE FROM activity WHERE hour < $1::bigint")

    /// Adds to counts; `nil` when nothing is to be added.
    static func query(_ counts: [Activity.Key: Int64]) -> PostgresQuery? {
        let counts = counts.filter { $0.value != 0 }
        guard !counts.isEmpty else { return nil }
        return PostgresQuery(
            add,
            [
                .ints(counts.map(\.key.hour)), .texts(counts.map(\.key.activity.text)),
                .ints(counts.map(\.value)),
            ])
    }
}

extension PostgresStore: ActivityStore {
    /// The counts of an hour and of those after it.
    package func activity(
        sinceHour hour: Int64
    ) async throws(StoreError) -> [Activity.Key: Int64] {
        try await core.activity(sinceHour: hour)
    }

    /// Forgets the counts before an hour.
    package func pruneActivity(beforeHour hour: Int64) async throws(StoreError) {
        try await core.write("Forgetting counts") { (transaction) async throws(PostgresError) in
            transaction.add(PostgresQuery(PostgresActivity.prune, [.int(hour)]))
        }
    }
}

extension PostgresCore {
    fileprivate func activity(
        sinceHour hour: Int64
    ) async throws(StoreError) -> [Activity.Key: Int64] {
        let what = "Reading counts"
        let results = try await read(what, [PostgresQuery(PostgresActivity.since, [.int(hour)])])
        let found = try rows(results[0], what) {
            (row) throws(PostgresError) -> (key: Activity.Key, value: Int64) in
            let (hour, name) = (row.readInt64(), row.readText())
            guard let activity = Activity(text: name) else {
                throw PostgresError(unknown: name, in: "activity.name")
            }
            return (Activity.Key(activity, hour: hour), row.readInt64())
        }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value) })
    }
}
