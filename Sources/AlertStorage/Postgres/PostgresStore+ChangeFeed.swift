package import Alerts
import EventLoop
import Postgres
import Synchronization

extension PostgresStore: ChangeFeed {
    /// A number up to which everything can be read.
    package func latestChange() async throws(StoreError) -> Int64 {
        try await core.latestChange()
    }

    /// What changed since, oldest first.
    package func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
        try await core.changes(query)
    }

    /// Has `body` called after each commit of this process.
    package func onChange(_ body: (@Sendable () -> Void)?) {
        core.changeHook.withLock { $0 = body }
    }
}
