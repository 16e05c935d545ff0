import Alerts
import EventLoop
import Postgres
import Synchronization

extension PostgresCore {
    private static let version = PostgresText("SELECT version FROM directory_versions")
    /// Those that have said for five seconds that they live.
    private static let behind = PostgresText(
        """
        SELECT count(*) FROM replicas WHERE directory_version < $1 AND id <> $2
            AND seen_at > clock_timestamp() - interval '5 s'
        """)

    /// Passes on what other replicas did.
    func hear(_ news: PostgresNews) {
        if news.contains(.directory) { targets.forget() }
        if news.contains(.changes) { changeHook.withLock { $0 }?() }
        let hook = newsHook.withLock { $0 }
        if news.contains(.closes) { hook?(.closesOwed) }
        if news.contains(.directory) { hook?(.directoryChanged) }
    }

    /// Sends a notification; one that is lost is found by the watch of whoever missed it.
    func notify(_ payload: String) async {
        let query = PostgresQuery(PostgresAnnouncer.notify, [.text(payload)])
        _ = try? await read("Telling other replicas", [query])  // They find it in two seconds.
    }

    /// The version of the newest change of an integration or a source.
    func directoryVersion() async throws(StoreError) -> Int64 {
        let results = try await read(
            "Reading the directory's version", [PostgresQuery(Self.version)])
        return results[0].numbers.first ?? 0
    }

    /// Says that this replica has taken in everything up to `version`.
    func noteDirectory(_ version: Int64) async throws(StoreError) {
        _ = try await read("Saying what was read", [watch.note(directory: version)])
    }

    /// How many others that live have not taken in `version`.
    func replicasBehind(_ version: Int64) async throws(StoreError) -> Int {
        let values: [PostgresValue] = [.int(version), .text(watch.replica)]
        let results = try await read(
            "Looking at other replicas", [PostgresQuery(Self.behind, values)])
        return Int(results[0].numbers.first ?? 0)
    }
}

extension PostgresTransaction {
    private static let count = PostgresText(
        "UPDATE directory_versions SET version = version + 1")

    /// Makes it known to all that an integration, its canary, a source or a webhook endpoint is
    /// changed by this transaction.
    ///
    /// That is rare, so the notification goes with it: who hears it finds the change.
    func changeDirectory() {
        note(.changes)
        changesDirectory = true
        add(PostgresQuery(Self.count))
        let payload = PostgresNews.directory.payload(from: core.watch.replica)
        add(PostgresQuery(PostgresAnnouncer.notify, [.text(payload)]))
    }
}
