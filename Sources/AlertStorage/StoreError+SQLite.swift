import Alerts
import SQLite

extension StoreError {
    /// The port's error for what SQLite said while doing `what`, a noun phrase.
    init(_ error: SQLiteError, while what: String) {
        let kind = Kind(error)
        self.init(kind, "\(what) failed: \(kind.reason) [\(error)]")
    }
}

extension StoreError.Kind {
    init(_ error: SQLiteError) {
        if error.isDiskFull {
            self = .full
        } else if error.isBusy || error.isInterrupted {
            self = .busy
        } else if error.isReadOnly {
            self = .readOnly
        } else if error.isCorrupt {
            self = .corrupt
        } else if error.isConstraint {
            self = .conflict
        } else {
            // Out of memory and files that can't be opened included: both may pass.
            self = error.isRetryable ? .inputOutput : .other
        }
    }

    /// What is wrong and what to do about it.
    fileprivate var reason: String {
        switch self {
        case .busy: "the database was in use for too long"
        case .full: "there is no room left for the database; free space on its disk"
        case .readOnly: "the database can't be written; check its permissions and mount"
        case .inputOutput: "the operating system could not read or write the database"
        case .corrupt: "the database is damaged; restore it from a backup"
        case .foreign: "the file is not a store of bigpanda-gateway"
        case .newerSchema: "the store was written by a newer version"
        case .wrongMasterKey: "the master key is not the store's"
        case .closed: "the store is closed"
        case .conflict: "it contradicts what is stored"
        case .other: "the database refused it"
        }
    }
}

extension SQLiteError {
    /// Whether what the connection holds in memory is in doubt, so that it must not be used again.
    var leavesConnectionInDoubt: Bool { isIO || isCorrupt || isReadOnly }
}

/// Runs `body` and says of an SQLite error what was being done, a noun phrase.
func mappingErrors<Result>(
    while what: @autoclosure () -> String, _ body: () throws(SQLiteError) -> Result
) throws(StoreError) -> Result {
    do throws(SQLiteError) {
        return try body()
    } catch {
        throw StoreError(error, while: what())
    }
}
