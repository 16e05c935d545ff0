/// How the gateways on one store hear of each other.
///
/// Integrations and sources are held in memory by each. So each change of them gets a version, and
/// each gateway says which one it has taken in.
package protocol DirectoryLink: Sendable {
    /// Whether other gateways may use the same store.
    var isShared: Bool { get }
    /// Has `body` called, on any thread, when another gateway did something, and when one may have
    /// done so unheard; `nil` ends that.
    func onNews(_ body: (@Sendable (ReplicaNews) -> Void)?)
    /// The version of the newest change of an integration or a source.
    func directoryVersion() async throws(StoreError) -> Int64
    /// Says that this gateway has taken in everything up to `version`.
    func noteDirectory(_ version: Int64) async throws(StoreError)
    /// How many other gateways that live have not taken in `version`.
    func gatewaysBehind(_ version: Int64) async throws(StoreError) -> Int
}

/// What another gateway did.
package enum ReplicaNews: Sendable, Equatable {
    /// A close became owed, or due now.
    case closesOwed
    /// Something that gateways hold in memory was made, changed or removed, or a canary was
    /// switched.
    case directoryChanged
}

/// The link of a gateway that has its store for itself.
package struct LoneGateway: DirectoryLink {
    /// Makes one.
    package init() {}

    /// Nobody else is there.
    package var isShared: Bool { false }

    /// There is no news.
    package func onNews(_ body: (@Sendable (ReplicaNews) -> Void)?) {}

    /// No version is needed.
    package func directoryVersion() async throws(StoreError) -> Int64 { 0 }

    /// Nobody asks.
    package func noteDirectory(_ version: Int64) async throws(StoreError) {}

    /// Nobody is behind.
    package func gatewaysBehind(_ version: Int64) async throws(StoreError) -> Int { 0 }
}
