import AlertStorage
import Alerts
import FileTesting
import GatewayTesting
import TLS

/// Where one run keeps its store, which outlives the gateway that dies.
protocol Ground: Sendable {
    init()
    /// How many milliseconds a close that was under way when the gateway died stays its own.
    static var recoveryDelay: Int { get }
    /// Opens the store; again after the gateway has died.
    func open() async throws -> StoreDoor.Store
    /// Ends the use of a store that was opened.
    func close(_ store: StoreDoor.Store) async
}

extension Ground {
    /// Where nobody else can be at work, there is nothing to wait for.
    static var recoveryDelay: Int { 0 }
}

struct MemoryGround: Ground {
    private let store = MemoryAlertStore()

    func open() async throws -> StoreDoor.Store { store }

    func close(_ store: StoreDoor.Store) async {}
}

struct SQLiteGround: Ground {
    private static let masterKey = Secret(String(repeating: "k", count: 32))

    private let directory = TemporaryDirectory(inMemory: true)

    func open() async throws -> StoreDoor.Store {
        try await SQLiteStore.open(path: directory.path + "/gateway.db", masterKey: Self.masterKey)
    }

    func close(_ store: StoreDoor.Store) async { await store.close() }
}
