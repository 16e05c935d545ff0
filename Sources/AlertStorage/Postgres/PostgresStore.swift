package import Alerts
import EventLoop
import Postgres
package import TLS

/// The store of any number of replicas in one PostgreSQL database.
///
/// Its connections are driven by the loop, on which all of its work is done. A call that lost
/// against another replica's is tried again where that is safe; one whose commit was under way when
/// the connection broke throws a retryable error, and may have been done: doing it again is
/// harmless for each of them.
package final class PostgresStore: WatchedStore {
    let core: PostgresCore
    let sealer: KeySealer

    private init(_ core: PostgresCore, sealer: KeySealer) {
        self.core = core
        self.sealer = sealer
    }

    /// Opens the store; makes its tables if they are missing, and brings them up to date.
    ///
    /// - Parameters:
    ///   - location: The database; tables lie in the first schema of the connection's search path.
    ///   - masterKey: 32 bytes, under which API keys are sealed; the same for all replicas.
    ///   - previousKey: Opens what another master key sealed, and seals nothing.
    ///   - schedule: When firing alerts are to be read back.
    ///   - leaseClock: What the claims of closes are counted by.
    /// - Returns: The store, ready for use.
    /// - Throws: `foreign` or `newerSchema` for tables that aren't ours to touch; `wrongMasterKey`;
    ///   or what is wrong with the server or the way there.
    package static func open(
        _ location: PostgresLocation, masterKey: Secret, previousKey: Secret? = nil,
        schedule: ReconcileSchedule = ReconcileSchedule(), leaseClock: LeaseClock = .server
    ) async throws(StoreError) -> PostgresStore {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let core = try await start(location, schedule, leaseClock)
        do throws(StoreError) {
            try await core.migrate(sealer)
        } catch {
            await core.close()
            throw error
        }
        await core.startWatching()
        return PostgresStore(core, sealer: sealer)
    }

    /// The version of the tables that this program writes.
    package static var schemaVersion: Int { Int(PostgresSchema.version) }

    /// Has `body` called, on any thread, after each call that the store could not carry out because
    /// of its server, and when the server is found to be gone without one.
    package func onTrouble(_ body: @escaping @Sendable () -> Void) {
        LoopActor.spawn { [core] in core.onTrouble(body) }
    }

    /// Ends the use of the store: calls under way are finished, later ones throw `closed`.
    package func close() async { await core.close() }

    /// What runs a store's transactions, on a database that was not looked at yet.
    @LoopActor
    static func start(
        _ location: PostgresLocation, _ schedule: ReconcileSchedule,
        _ leaseClock: LeaseClock = .server
    ) throws(StoreError) -> PostgresCore {
        guard PostgresConnector.isLibraryFit else {
            throw StoreError(.other, "libpq is too old; version 14 or newer is needed.")
        }
        do throws(UVError) {
            return try PostgresCore(
                location.address, schedule: schedule, leaseClock: leaseClock)
        } catch {
            throw StoreError(.other, "Starting the store's thread failed: \(error)")
        }
    }
}
