package import Alerts
import EventLoop
import Postgres
import SQLite
package import TLS

/// Changes the master key that a store is sealed with.
///
/// The key that seals and the one that may only open are told apart by what each record says, so
/// that a store may hold records of both while it is changed.
package enum StoreSeal {
    /// What sealing anew came to.
    package struct Outcome: Sendable, Equatable {
        /// API keys and secrets of webhook endpoints that were sealed anew.
        package let resealedCount: Int
        /// API keys and such secrets that the current key had sealed already.
        package let currentCount: Int
    }

    /// Which key a store is sealed with.
    package enum State: Sendable, Equatable {
        /// All of it with the current one.
        case current
        /// Some of it with the previous one.
        case previous
    }

    /// Tells a master key from others, and nothing about it: 16 hexadecimal digits.
    ///
    /// - Throws: `wrongMasterKey` unless it has 32 bytes.
    package static func fingerprint(of masterKey: Secret) throws(StoreError) -> String {
        try KeySealer(masterKey: masterKey).fingerprint
    }

    /// Which key the SQLite store at `path` is sealed with; nothing is written to it.
    ///
    /// - Throws: `wrongMasterKey` when it is neither; what is wrong with the file otherwise.
    package static func state(
        of path: String, masterKey: Secret, previousKey: Secret?
    ) throws(StoreError) -> State {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        try Schema.checkHeader(of: path)
        let records = try mappingErrors(while: "Reading the store \(path)") {
            () throws(SQLiteError) in
            let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
            try connection.setLeavesLogOnClose(true)
            return (
                canary: try connection.canary(), keys: try connection.sealedKeys(),
                secrets: try connection.sealedSecrets()
            )
        }
        try sealer.check(canary: records.canary)
        for (id, record) in records.keys { _ = try sealer.open(record, for: id) }
        for secrets in records.secrets { _ = try sealer.reseal(secrets) }
        let all =
            [records.canary] + records.keys.map(\.record) + records.secrets.flatMap(\.records)
        return all.allSatisfy(sealer.isCurrent) ? .current : .previous
    }

    /// Seals what the SQLite store at `path` holds with the current key, in one transaction.
    ///
    /// - Parameters:
    ///   - path: The store, which no gateway may be using.
    ///   - masterKey: The key that seals.
    ///   - previousKey: The key that what is there may be sealed with.
    /// - Returns: What was done; nothing the second time.
    /// - Throws: `wrongMasterKey` when a record was sealed with neither; nothing was changed then.
    package static func reseal(
        _ path: String, masterKey: Secret, previousKey: Secret?
    ) throws(StoreError) -> Outcome {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let file = StoreFile(path: path, sealer: sealer, schedule: ReconcileSchedule())
        let session = try file.openForWriting(mayCreate: false)
        let what = "Sealing the API keys anew"
        let (canary, keys, secrets) = try mappingErrors(while: what) { () throws(SQLiteError) in
            (
                try session.connection.canary(), try session.connection.sealedKeys(),
                try session.connection.sealedSecrets()
            )
        }
        let changes = try Changes(canary, keys, secrets, sealer)
        try mappingErrors(while: what) { () throws(SQLiteError) in
            try session.write { () throws(SQLiteError) in
                try session.writeSealed(changes)
                try session.audit(changes.auditOutcome)
            }
            // The old records are not to be found in the log either.
            try session.connection.checkpoint(isTruncating: true)
        }
        return changes.outcome
    }

    /// Seals what a store in PostgreSQL holds with the current key, in one transaction.
    ///
    /// Replicas may be running, if all of them open both keys, and none seals with the previous
    /// one.
    /// - Throws: As for a file.
    @LoopActor
    package static func reseal(
        _ location: PostgresLocation, masterKey: Secret, previousKey: Secret?
    ) async throws(StoreError) -> Outcome {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let core = try PostgresStore.start(location, ReconcileSchedule())
        do throws(StoreError) {
            try await core.migrate(sealer)
            let outcome = try await core.withTransaction("Sealing the API keys anew") {
                (transaction) throws(StoreError) in
                try await transaction.reseal(sealer)
            }
            await core.close()
            return outcome
        } catch {
            await core.close()
            throw error
        }
    }

    /// What is to be written.
    struct Changes {
        let canary: [UInt8]
        private(set) var keys: [(id: IntegrationID, record: [UInt8])] = []
        private(set) var secrets: [SealedSecrets] = []
        let outcome: Outcome
        let auditOutcome: AuditOutcome

        init(
            _ canary: [UInt8], _ sealed: [(id: IntegrationID, record: [UInt8])],
            _ sealedSecrets: [SealedSecrets], _ sealer: KeySealer
        ) throws(StoreError) {
            try sealer.check(canary: canary)
            self.canary = sealer.isCurrent(canary) ? canary : try sealer.canary()
            for (id, record) in sealed {
                let changed = try sealer.reseal(record, for: id)
                if !sealer.isCurrent(record) { keys.append((id, changed)) }
            }
            for stored in sealedSecrets {
                let changed = try sealer.reseal(stored)
                if !stored.records.allSatisfy(sealer.isCurrent) { secrets.append(changed) }
            }
            let count = keys.count + secrets.count
            outcome = Outcome(
                resealedCount: count, currentCount: sealed.count + sealedSecrets.count - count)
            let isAllCurrent = count == 0 && sealer.isCurrent(canary)
            auditOutcome = isAllCurrent ? .unchanged : .done
        }
    }
}

extension SQLiteConnection {
    /// The sealed keys of all integrations.
    func sealedKeys() throws(SQLiteError) -> [(id: IntegrationID, record: [UInt8])] {
        var select = try prepare("SELECT id, sealed_key FROM integrations")
        var found: [(id: IntegrationID, record: [UInt8])] = []
        while try select.step() == .row {
            found.append((IntegrationID(select.readText()), select.readBlob()))
        }
        return found
    }

    /// The sealed secrets of all webhook endpoints; of a store that has no table for them yet,
    /// none.
    func sealedSecrets() throws(SQLiteError) -> [SealedSecrets] {
        guard try pragma("user_version") >= Int64(Schema.version) else { return [] }
        var select = try prepare(
            "SELECT id, sealed_secret, previous_sealed_secret FROM webhook_endpoints")
        var found: [SealedSecrets] = []
        while try select.step() == .row {
            found.append(
                SealedSecrets(
                    id: EndpointID(select.readText()), current: select.readBlob(),
                    previous: select.readBlobIfAny()))
        }
        return found
    }
}

extension StoreSession {
    fileprivate func writeSealed(_ changes: StoreSeal.Changes) throws(SQLiteError) {
        try connection.withStatement("UPDATE meta SET value = ? WHERE name = 'canary'") {
            (update) throws(SQLiteError) in
            try update.bind(changes.canary)
            try update.run()
        }
        for (id, record) in changes.keys {
            try connection.withStatement("UPDATE integrations SET sealed_key = ? WHERE id = ?") {
                (update) throws(SQLiteError) in
                try update.bind(record)
                try update.bind(id.text)
                try update.run()
            }
        }
        for secrets in changes.secrets {
            try connection.withStatement(
                """
                UPDATE webhook_endpoints SET sealed_secret = ?, previous_sealed_secret = ?
                WHERE id = ?
                """
            ) { (update) throws(SQLiteError) in
                try update.bind(secrets.current)
                try update.bind(secrets.previous)
                try update.bind(secrets.id.text)
                try update.run()
            }
        }
    }
}

extension PostgresTransaction {
    /// The rows stay locked until the commit, so that a key that is replaced meanwhile comes after.
    fileprivate func reseal(_ sealer: KeySealer) async throws(StoreError) -> StoreSeal.Outcome {
        let results = try await mappingErrors(while: "Reading API keys") {
            () async throws(PostgresError) in
            try await self.run([
                PostgresQuery(once: "SELECT canary FROM gateway_schema FOR UPDATE"),
                PostgresQuery(
                    once: "SELECT id, sealed_key FROM integrations ORDER BY key FOR UPDATE"),
                PostgresQuery(
                    once: """
                        SELECT id, sealed_secret, previous_sealed_secret FROM webhook_endpoints
                        ORDER BY key FOR UPDATE
                        """),
            ])
        }
        guard var row = results[0].first else {
            throw StoreError(.corrupt, "The store has no schema version.")
        }
        let canary = row.readBlob()
        var keys: [(id: IntegrationID, record: [UInt8])] = []
        for var row in results[1].rows {
            keys.append((IntegrationID(row.readText()), row.readBlob()))
        }
        let secrets = results[2].rows.map { row in
            var row = row
            return SealedSecrets(
                id: EndpointID(row.readText()), current: row.readBlob(),
                previous: row.readBlobIfAny())
        }
        let changes = try StoreSeal.Changes(canary, keys, secrets, sealer)
        write(changes)
        return changes.outcome
    }

    private func write(_ changes: StoreSeal.Changes) {
        add(PostgresQuery(once: "UPDATE gateway_schema SET canary = $1", [.bytes(changes.canary)]))
        for (id, record) in changes.keys {
            add(
                PostgresQuery(
                    once: "UPDATE integrations SET sealed_key = $2 WHERE id = $1",
                    [.text(id.text), .bytes(record)]))
        }
        for secrets in changes.secrets {
            add(
                PostgresQuery(
                    once: """
                        UPDATE webhook_endpoints
                        SET sealed_secret = $2, previous_sealed_secret = $3 WHERE id = $1
                        """,
                    [
                        .text(secrets.id.text), .bytes(secrets.current),
                        .bytes(ifAny: secrets.previous),
                    ]))
        }
        audit(changes.auditOutcome)
    }
}
