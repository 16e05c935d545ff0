package import Alerts
import EventLoop
import SQLite
package import TLS

/// Copies of a whole store: made while a gateway uses it, and put back in its place.
///
/// Every call blocks until it is done. A copy grows under another name beside its target and gets
/// the target's name once it is whole, checked and on the disk.
package enum StoreBackup {
    /// What a copy holds.
    package struct Contents: Sendable, Equatable {
        /// Bytes of the file.
        package let bytes: Int
        /// Alerts in it.
        package let alerts: Int
    }

    /// What is appended to a target's name while it is not whole.
    package static let partialSuffix = ".partial"
    /// What is appended to a store's name while a whole copy takes its place.
    static let restoredSuffix = ".restored"

    /// Copies the store at `path`, as it is at one moment, to a new file.
    ///
    /// Webhooks are taken in meanwhile; the log of the store grows until the copy is done.
    /// - Parameters:
    ///   - path: The store, in use or not.
    ///   - target: The file to make, readable to its owner only.
    /// - Returns: What the copy holds.
    /// - Throws: `conflict` when `target` exists; otherwise what is wrong with either file.
    package static func make(
        of path: String, at target: String
    ) throws(StoreError) -> Contents {
        try Schema.checkHeader(of: path)
        return try publish(target) { (partial) throws(StoreError) in
            try copy(path, to: partial)
            return try check(partial, sealer: nil)
        }
    }

    /// Puts a copy in the place of the store at `path`, which no gateway may be using.
    ///
    /// - Parameters:
    ///   - backup: The copy; it is read only.
    ///   - path: Where the store is to be.
    ///   - masterKey: The key that the copy's API keys are sealed with.
    ///   - previousKey: Another one that may have sealed them.
    ///   - asideSuffix: What is appended to the name of the store that was there.
    /// - Returns: What the copy holds.
    /// - Throws: What is wrong with the copy; the store that was there is then as it was.
    ///
    /// One that was broken off may be done again. If that was between two files, a gateway refuses
    /// to start until it is, rather than to begin with an empty store.
    package static func restore(
        _ backup: String, to path: String, masterKey: Secret, previousKey: Secret? = nil,
        asideSuffix: String
    ) throws(StoreError) -> Contents {
        try Schema.checkHeader(of: backup)
        guard FileIO.size(of: backup + "-wal") ?? 0 == 0 else {
            throw StoreError(
                .conflict,
                "\(backup) is a store in use, or was one: a log lies beside it. "
                    + "Make a copy of it with: bigpanda-gateway backup FILE")
        }
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let (partial, restored) = (path + partialSuffix, path + restoredSuffix)
        return try clearingUp(partial) { () throws(StoreError) in
            try mappingFileErrors { () throws(FileError) in
                // Of one that was broken off: nobody else works here.
                if FileIO.exists(partial) { try FileIO.remove(partial) }
                try FileIO.copy(backup, to: partial)
            }
            let contents = try check(partial, sealer: sealer)
            try recordRestore(in: partial, sealer)
            try mappingFileErrors { () throws(FileError) in
                try FileIO.rename(partial, to: restored)
                try setAside(path, asideSuffix)
                try FileIO.rename(restored, to: path)
            }
            return contents
        }
    }

    /// Says in the copy that it was put in its place, with its tables brought up to date for that.
    private static func recordRestore(
        in partial: String, _ sealer: KeySealer
    ) throws(StoreError) {
        guard AuditTrail.entry != nil else { return }
        let file = StoreFile(path: partial, sealer: sealer, schedule: ReconcileSchedule())
        let session = try file.openForWriting(mayCreate: false)
        try mappingErrors(while: "Recording the restore in \(partial)") {
            () throws(SQLiteError) in
            try session.write { () throws(SQLiteError) in try session.audit(.done) }
            // Nothing of it may stay in the log, which is left behind.
            try session.connection.checkpoint(isTruncating: true)
        }
    }

    /// Refuses a store whose place is being taken.
    static func checkIsNotReplaced(_ path: String) throws(StoreError) {
        guard FileIO.exists(path + restoredSuffix) else { return }
        throw StoreError(
            .inputOutput,
            "Restoring the store \(path) was broken off before its end: run the restore again.")
    }

    /// Makes `target` by way of a file that `fill` fills.
    private static func publish(
        _ target: String, _ fill: (String) throws(StoreError) -> Contents
    ) throws(StoreError) -> Contents {
        guard !FileIO.exists(target) else {
            throw StoreError(.conflict, "\(target) is there already; choose another name.")
        }
        let partial = target + partialSuffix
        do throws(FileError) {
            try FileIO.create(partial, containing: [])
        } catch {
            guard error.isAlreadyThere else { throw StoreError(error) }
            throw StoreError(
                .conflict,
                "\(partial) is there already: another backup is under way, or one was broken off. "
                    + "Remove it if none is.")
        }
        return try clearingUp(partial) { () throws(StoreError) in
            let contents = try fill(partial)
            try mappingFileErrors { () throws(FileError) in
                try FileIO.synchronize(partial)
                try FileIO.rename(partial, to: target)
            }
            return contents
        }
    }

    private static func copy(_ path: String, to partial: String) throws(StoreError) {
        try mappingErrors(while: "Copying \(path) to \(partial)") { () throws(SQLiteError) in
            let source = try SQLiteConnection(path, options: .init(access: .readWrite))
            // Not this program's to move the log, should the gateway end meanwhile.
            try source.setLeavesLogOnClose(true)
            let target = try SQLiteConnection(partial, options: .init(access: .readWrite))
            // A copy that is broken off is thrown away, and a whole one is synced at its end.
            _ = try target.setPragma("journal_mode", "OFF")
            _ = try target.setPragma("synchronous", "OFF")
            // One transaction, so that every page is of the same moment: between two steps of a
            // backup that has to begin its own, a commit would make it begin again.
            try source.withTransaction(.deferred) { () throws(SQLiteError) in
                _ = try source.pragma("user_version")  // What is read first begins it.
                var backup = try SQLiteBackup(from: source, to: target)
                while try backup.step(pagesMax: StorageLimits.backupPagesMax) > 0 {}
            }
        }
    }

    /// Reads all of a copy.
    private static func check(
        _ path: String, sealer: KeySealer?
    ) throws(StoreError) -> Contents {
        try Schema.checkHeader(of: path)
        let (canary, alerts) = try mappingErrors(while: "Checking \(path)") {
            () throws(SQLiteError) in
            let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
            var check = try connection.prepare("PRAGMA quick_check(1)")
            guard try check.step() == .row, check.text(at: 0) == "ok" else {
                throw SQLiteError(corrupt: "the copy does not pass SQLite's check")
            }
            var count = try connection.prepare("SELECT count(*) FROM alerts")
            _ = try count.step()
            return (try connection.canary(), Int(count.int64(at: 0)))
        }
        try sealer?.check(canary: canary)
        return Contents(bytes: FileIO.size(of: path) ?? 0, alerts: alerts)
    }

    /// Moves the store that is there out of the way, its log first: alone it would be taken for
    /// the log of what comes after it.
    private static func setAside(_ path: String, _ suffix: String) throws(FileError) {
        // Made anew from the log by whoever opens the store.
        if FileIO.exists(path + "-shm") { try FileIO.remove(path + "-shm") }
        for part in ["-wal", ""] where FileIO.exists(path + part) {
            try FileIO.rename(path + part, to: path + suffix + part)
        }
    }

    /// Runs `body`, and leaves nothing of `partial` behind when it fails.
    private static func clearingUp<Result>(
        _ partial: String, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            for suffix in ["", "-wal", "-shm"] {
                try? FileIO.remove(partial + suffix)  // Most aren't there.
            }
            throw error
        }
    }
}

extension StoreError {
    fileprivate init(_ error: FileError) {
        self.init(.inputOutput, "\(error)")
    }
}

private func mappingFileErrors(_ body: () throws(FileError) -> Void) throws(StoreError) {
    do throws(FileError) {
        try body()
    } catch {
        throw StoreError(error)
    }
}
