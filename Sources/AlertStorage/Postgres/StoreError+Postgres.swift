import Alerts
import Postgres

extension StoreError {
    /// The port's error for what PostgreSQL said while doing `what`, a noun phrase.
    init(_ error: PostgresError, while what: String) {
        let kind = Kind(error)
        self.init(kind, "\(what) failed: \(kind.reasonInPostgres) [\(error)]")
    }
}

extension StoreError.Kind {
    fileprivate init(_ error: PostgresError) {
        if error.isDiskFull {
            self = .full
        } else if error.isReadOnly {
            self = .readOnly
        } else if error.isConstraint {
            self = .conflict
        } else if error.isCorrupt {
            self = .corrupt
        } else if error.isConnectionLost {
            self = .inputOutput
        } else {
            self = error.isRetryable ? .busy : .other
        }
    }

    /// What is wrong and what to do about it.
    fileprivate var reasonInPostgres: String {
        switch self {
        case .busy: "the database had too much to do"
        case .full: "there is no room left on the database server's disk"
        case .readOnly: "the database takes no writes; is this a standby?"
        case .inputOutput: "there is no connection to the database server"
        case .corrupt: "the database holds what the gateway never writes"
        case .foreign: "the database has tables of another program"
        case .newerSchema: "the store was written by a newer version"
        case .wrongMasterKey: "the master key is not the store's"
        case .closed: "the store is closed"
        case .conflict: "it contradicts what is stored"
        case .other: "the database refused it"
        }
    }
}
