import AlertStorage
import Alerts
import EventLoop
import Logging
import TLS

/// All ports of a store that the gateway works with.
typealias GatewayStore = AlertStore & DirectoryStore & ReconcileStore & DeliveryStore
    & WatchedStore & SessionStore & ActivityStore & ChangeFeed & AuditStore & TrafficStore
    & CanaryStore & OutboundStore

/// The configured store, open, and the secrets that go with it.
@LoopActor
struct OpenStore {
    let store: any GatewayStore
    /// What gateways on the same store agree by.
    let coordination: any Coordination
    /// How other gateways on the same store are heard of.
    let link: any DirectoryLink
    let adminToken: Secret
    /// Another token that is accepted as well.
    let previousAdminToken: Secret?
    /// The file with the admin token, unless it was configured.
    let adminTokenPath: String?
    /// What is told of it.
    let about: AboutRoute.Store
    /// What keeps other gateways off the store; `nil` where they may share it.
    private let lock: FileLock?

    /// Opens it.
    ///
    /// - Throws: What is wrong with the configuration, or with what it names.
    init(_ configuration: Configuration, log: Logger) async throws(ConfigurationError) {
        switch configuration.store {
        case .sqlite(let location):
            let files = StateFiles(configuration, beside: location)
            try files.makeDirectory()
            lock = try files.lock()
            let masterKey = try files.masterKey()
            let previousKey = try files.previousMasterKey()
            (adminToken, adminTokenPath) = try files.adminToken()
            previousAdminToken = try files.previousAdminToken()
            about = AboutRoute.Store(
                kind: "sqlite", schemaVersion: SQLiteStore.schemaVersion,
                directory: location.directory)
            coordination = SoleReplica()
            link = LoneGateway()
            let opened = try await Self.opening { () async throws(StoreError) in
                try await SQLiteStore.open(
                    path: location.path, masterKey: masterKey, previousKey: previousKey,
                    schedule: configuration.schedule)
            }
            opened.onLogKept { error in
                log.error(
                    "The store's log grows. Mend its disk, then restart the gateway.",
                    metadata: ["error": "\(error)"])
            }
            store = opened
        case .postgres(let location):
            guard let masterKey = configuration.masterKey, let token = configuration.adminToken
            else { preconditionFailure("the reader of the configuration asks for both") }
            (adminToken, adminTokenPath, lock) = (token, nil, nil)
            previousAdminToken = configuration.previousAdminToken
            let keys = (masterKey, configuration.previousMasterKey)
            about = AboutRoute.Store(
                kind: "postgresql", schemaVersion: PostgresStore.schemaVersion)
            let shared = try await Self.opening { () async throws(StoreError) in
                try await Self.open(location, keys, configuration.schedule, log)
            }
            (store, coordination, link) = (shared, shared, shared)
        }
    }

    /// Lets in who holds an admin token.
    func authenticator(clock: WallClock, log: Logger) -> AdminAuthenticator {
        AdminAuthenticator(
            token: adminToken,
            previous: previousAdminToken.map { ($0, PreviousTokenUse(clock: clock, log: log)) })
    }

    /// Opens a store on a server that may need a moment: both may start together.
    private static func open(
        _ location: PostgresLocation, _ keys: (current: Secret, previous: Secret?),
        _ schedule: ReconcileSchedule, _ log: Logger
    ) async throws(StoreError) -> PostgresStore {
        let deadline = ContinuousClock.now + Limits.storeWaitMax
        var isTold = false
        while true {
            do throws(StoreError) {
                return try await PostgresStore.open(
                    location, masterKey: keys.current, previousKey: keys.previous,
                    schedule: schedule)
            } catch {
                guard error.isRetryable, ContinuousClock.now < deadline else { throw error }
                if !isTold {
                    log.warning(
                        "The store can't be opened yet; it is tried again for a while.",
                        metadata: ["store": "\(location)", "error": "\(error)"])
                }
                isTold = true
                await Timer.wait(Limits.storeWaitStep)
            }
        }
    }

    private static func opening<Store>(
        _ body: @LoopActor () async throws(StoreError) -> Store
    ) async throws(ConfigurationError) -> Store {
        do throws(StoreError) {
            return try await body()
        } catch {
            let setting: Setting = error.kind == .wrongMasterKey ? .masterKey : .store
            throw ConfigurationError(setting.variable, error.message)
        }
    }
}

extension Configuration {
    fileprivate var schedule: ReconcileSchedule { ReconcileSchedule(interval: reconcileInterval) }
}
