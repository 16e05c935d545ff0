package import Alerts
import EventLoop
import Synchronization

extension PostgresStore: DirectoryLink {
    /// Others may use it; this is what the port `Coordination` asks for too.
    package var isShared: Bool { true }

    /// Has `body` called when another replica did something.
    package func onNews(_ body: (@Sendable (ReplicaNews) -> Void)?) {
        core.newsHook.withLock { $0 = body }
    }

    /// The version of the newest change of an integration or a source.
    package func directoryVersion() async throws(StoreError) -> Int64 {
        try await core.directoryVersion()
    }

    /// Says that this replica has taken in everything up to `version`.
    package func noteDirectory(_ version: Int64) async throws(StoreError) {
        try await core.noteDirectory(version)
    }

    /// How many others that live have not taken in `version`.
    package func gatewaysBehind(_ version: Int64) async throws(StoreError) -> Int {
        try await core.replicasBehind(version)
    }
}
