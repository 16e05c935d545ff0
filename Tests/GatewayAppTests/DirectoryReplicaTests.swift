import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import GatewayApp

/// What a directory makes of another gateway's changes.
@Suite struct DirectoryReplicaTests {
    private static let clock = WallClock { DirectorySamples.now }

    /// Another gateway uses the store too, and tells nothing.
    private struct QuietLink: DirectoryLink {
        var isShared: Bool { true }
        func onNews(_ body: (@Sendable (ReplicaNews) -> Void)?) {}
        func directoryVersion() async throws(StoreError) -> Int64 { 1 }
        func noteDirectory(_ version: Int64) async throws(StoreError) {}
        func gatewaysBehind(_ version: Int64) async throws(StoreError) -> Int { 0 }
    }

    /// A store whose lists of sources are held up once they are read.
    @LoopActor
    private final class SlowStore: DirectoryStore {
        private let store: MemoryAlertStore
        private(set) var readsCount = 0
        /// Lists that are let go.
        var passesCount = Int.max

        init(_ store: MemoryAlertStore) { self.store = store }

        @LoopActor
        func sources() async throws(StoreError) -> [Source] {
            let sources = try await store.sources()
            readsCount += 1
            let number = readsCount
            while number > passesCount { await LoopTurn.next() }
            return sources
        }

        func integrations() async throws(StoreError) -> [Integration] {
            try await store.integrations()
        }
        func insert(_ integration: Integration, key: APIKey) async throws(StoreError) {
            try await store.insert(integration, key: key)
        }
        func update(
            _ integration: Integration, over before: Integration, key: APIKey?
        ) async throws(StoreError) -> Bool {
            try await store.update(integration, over: before, key: key)
        }
        func removeIntegration(
            _ id: IntegrationID
        ) async throws(StoreError) -> IntegrationRemoval {
            try await store.removeIntegration(id)
        }
        func apiKey(of id: IntegrationID) async throws(StoreError) -> APIKey? {
            try await store.apiKey(of: id)
        }
        func insert(_ source: Source) async throws(StoreError) { try await store.insert(source) }
        func update(_ source: Source, over before: Source) async throws(StoreError) -> Bool {
            try await store.update(source, over: before)
        }
        func removeSource(_ id: SourceID, at now: Timestamp) async throws(StoreError) -> Bool {
            try await store.removeSource(id, at: now)
        }
        func signingSecrets() async throws(StoreError) -> [SigningSecret] {
            try await store.signingSecrets()
        }
        func adminTokens() async throws(StoreError) -> [AdminToken] {
            try await store.adminTokens()
        }
        func insert(_ token: AdminToken) async throws(StoreError) { try await store.insert(token) }
        func noteUse(ofToken id: String, at now: Timestamp) async throws(StoreError) {
            try await store.noteUse(ofToken: id, at: now)
        }
        func removeToken(_ id: String) async throws(StoreError) -> Bool {
            try await store.removeToken(id)
        }
    }

    @Test func `what was found of a key leaves the rest as another gateway wrote it`() async throws
    {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let id = DirectorySamples.integrationID
            let directory = Directory(store: store, link: QuietLink(), clock: Self.clock)
            try await directory.load()
            for (name, state) in [("other", IntegrationState.keyRejected), ("third", .connected)] {
                var changed = try #require(try await store.integrations().first)
                changed.name = name
                try await store.update(changed, key: nil)
                if state == .connected {
                    let check = KeyCheck.good(changed.environments)
                    _ = try await directory.record(check, of: APIKey("BPU-key"), for: id)
                } else {
                    try await directory.note(state, because: "It was so.", for: id)
                }
                let stored = try #require(try await store.integrations().first)
                #expect(stored.name == name && stored.state == state)
            }
        }
    }

    @Test func `a source that was made here meanwhile is never unknown`() async throws {
        try await LoopFixture.run {
            let memory = MemoryAlertStore()
            try await DirectorySamples.fill(memory)
            let store = SlowStore(memory)
            let directory = Directory(store: store, link: QuietLink(), clock: Self.clock)
            try await directory.load()
            store.passesCount = 1
            let refresh = LoopActor.spawn { await directory.refresh() }
            try await LoopTurn.until { store.readsCount == 2 }
            let source = Source(
                id: SourceID("src_2"), integrationID: DirectorySamples.integrationID, name: "new",
                secret: SourceSecret(
                    id: SecretID("sec_2"), hash: [2], createdAt: DirectorySamples.now),
                at: DirectorySamples.now)
            let insertion = LoopActor.spawn { try? await directory.insert(source) }
            try await LoopTurn.until { directory.source("src_2") != nil }
            // What was read before is there now, and is read once more.
            store.passesCount = 2
            try await LoopTurn.until { store.readsCount == 3 }
            #expect(directory.source("src_2") != nil)
            store.passesCount = .max
            await refresh.value
            await insertion.value
            #expect(directory.source("src_2") != nil)
        }
    }

    @Test func `of what two gateways change in a source at once both stays`() async throws {
        try await LoopFixture.run {
            let memory = MemoryAlertStore()
            try await DirectorySamples.fill(memory)
            let store = SlowStore(memory)
            let directory = Directory(store: store, link: QuietLink(), clock: Self.clock)
            try await directory.load()
            let id = DirectorySamples.sourceID
            store.passesCount = 1
            let change = LoopActor.spawn { try? await directory.change(id) { $0.name = "here" } }
            try await LoopTurn.until { store.readsCount == 2 }
            var there = try #require(try await memory.sources().first)
            there.isEnabled = false
            try await memory.update(there)
            store.passesCount = .max
            let changed = try #require(await change.value)
            #expect(changed.name == "here" && !changed.isEnabled)
            #expect(try await memory.sources() == [changed])
            #expect(directory.source(id.text) == changed)
            _ = try await memory.removeSource(id, at: DirectorySamples.now)
            #expect(try await directory.change(id) { $0.name = "late" } == nil)
        }
    }
}
