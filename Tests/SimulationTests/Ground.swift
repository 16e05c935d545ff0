import AlertStorage
import Alerts
import GatewayTesting
import TLS

/// Where one run keeps its store, which outlives the gateway that dies.
protocol Ground: Sendable {
    init()
    /// Opens the store; again after the gateway has died.
    func open() async throws -> StoreDoor.Store
    /// Ends the use of a store that was opened.
    func close(_ store: StoreDoor.Store) async
}

struct MemoryGround: Ground {
    private let store = MemoryAlertStore()

    func open() async throws -> StoreDoor.Store { store }

    func close(_ store: StoreDoor.Store) async {}
}

struct SQLiteGround: Ground {
    private static let masterKey = Secret(String(repeating: "k", count: 32))

    private let directory = TemporaryDirectory()

    func open() async throws -> StoreDoor.Store {
        try await SQLiteStore.open(path: directory.path + "/gateway.db", masterKey: Self.masterKey)
    }

    func close(_ store: StoreDoor.Store) async { await store.close() }
}
