package import Alerts
import SQLite
import Synchronization

extension SQLiteStore: ChangeFeed {
    /// The number up to which everything can be read: that of the last commit.
    package func latestChange() async throws(StoreError) -> Int64 {
        try await read("Reading the newest change") { (session) throws(SQLiteError) in
            try session.count("sequence")
        }
    }

    /// What changed since, oldest first.
    package func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
        try await read("Reading changes") { (session) throws(SQLiteError) in
            try session.changes(query)
        }
    }

    /// Has `body` called after each commit of this process, the only one that writes.
    package func onChange(_ body: (@Sendable () -> Void)?) {
        changeHook.withLock { $0 = body }
    }

    /// Tells who asked that something may have changed.
    func tellOfChange() { changeHook.withLock { $0 }?() }
}
