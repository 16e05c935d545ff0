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
package final class PostgresStore: Sendable {
    let core: PostgresCore
    let sealer: KeySealer

    private init(_ core: PostgresCore, sealer: KeySealer) {
        self.core = core
        self.sealer = sealer
    }

    /// Opens the store; makes its tables if they are missing, and brings them up to date.
    ///
    /// - Parameters:
    ///   - address: `postgres://user:password@host/database`; tables lie in the first schema of the
    ///     connection's search path.
    ///   - masterKey: 32 bytes, under which API keys are sealed; the same for all replicas.
    ///   - schedule: When firing alerts are to be read back.
    /// - Returns: The store, ready for use.
    /// - Throws: `foreign` or `newerSchema` for tables that aren't ours to touch; `wrongMasterKey`;
    ///   or what is wrong with the server or the way there.
    package static func open(
        address: String, masterKey: Secret, schedule: ReconcileSchedule = ReconcileSchedule()
    ) async throws(StoreError) -> PostgresStore {
        let sealer = try KeySealer(masterKey: masterKey)
        let core = try await start(address, schedule)
        do throws(StoreError) {
            try await core.migrate(sealer)
        } catch {
            await core.close()
            throw error
        }
        return PostgresStore(core, sealer: sealer)
    }

    /// The version of the tables that this program writes.
    package static var schemaVersion: Int { Int(PostgresSchema.version) }

    /// Ends the use of the store: calls under way are finished, later ones throw `closed`.
    package func close() async { await core.close() }

    @LoopActor
    private static func start(
        _ text: String, _ schedule: ReconcileSchedule
    ) throws(StoreError) -> PostgresCore {
        guard PostgresConnector.isLibraryFit else {
            throw StoreError(.other, "libpq is too old; version 14 or newer is needed.")
        }
        let address: PostgresAddress
        do throws(PostgresError) {
            address = try PostgresAddress(text)
        } catch {
            throw StoreError(.other, "\(error)")
        }
        do throws(UVError) {
            return try PostgresCore(address, schedule: schedule)
        } catch {
            throw StoreError(.other, "Starting the store's thread failed: \(error)")
        }
    }
}
