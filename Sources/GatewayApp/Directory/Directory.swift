package import Alerts
package import EventLoop
package import Logging
import TLS

/// The integrations and sources, held in memory so that no webhook waits for the store to know
/// whether it may come in.
///
/// The store is written first, the memory after it.
@LoopActor
package final class Directory {
    let store: any DirectoryStore
    let link: any DirectoryLink
    let clock: WallClock
    let log: Logger
    /// Grows with each change of the memory.
    var changesCount = 0
    /// Reading anew what another gateway may have changed, and whether that is wanted again.
    var refreshing: Task<Void, Never>?
    var wantsRefresh = false
    /// The named tokens of the admin API, by their hashes.
    var tokensByHash: [[UInt8]: AdminToken] = [:]
    /// When uses of them were written last.
    var tokenUses: [String: Timestamp] = [:]
    var sourcesByID: [String: Source] = [:] {
        didSet { knownHashes = nil }
    }
    /// The hashes of all webhook secrets, made when they are next asked for.
    private var knownHashes: Set<[UInt8]>?
    private var integrationsByID: [IntegrationID: Integration] = [:]
    private var keys: [IntegrationID: APIKey] = [:] {
        didSet { knownMarks = nil }
    }
    /// Of what webhooks to endpoints are signed with.
    private var signingMarks = SecretMarks() {
        didSet { knownMarks = nil }
    }
    /// Of both, made when they are next asked for.
    private var knownMarks: SecretMarks?
    /// Called after an integration can be used again or for the first time.
    package var onIntegrationUsable: (@LoopActor (IntegrationID) -> Void)?
    /// Called after another gateway removed an integration.
    package var onIntegrationGone: (@LoopActor (IntegrationID) -> Void)?

    /// Makes an empty directory over `store`, which other gateways on `link` may change.
    package init(
        store: any DirectoryStore, link: any DirectoryLink = LoneGateway(), clock: WallClock,
        log: Logger = Logger(label: "directory") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.store = store
        self.link = link
        self.clock = clock
        self.log = log
    }

    /// Reads everything from the store.
    package func load() async throws(StoreError) {
        let version = try await link.directoryVersion()
        take(try await DirectoryContents(from: store))
        try await link.noteDirectory(version)
    }

    /// Puts what was read in place of what is known, and tells of what that changes.
    func take(_ contents: DirectoryContents) {
        let (before, keysBefore) = (integrationsByID, keys)
        integrationsByID = contents.integrations
        keys = contents.keys
        sourcesByID = contents.sources
        tokensByHash = contents.tokens
        signingMarks = SecretMarks(of: contents.signingSecrets)
        changesCount += 1
        for (id, integration) in integrationsByID where !integration.state.isPaused {
            let known = before[id]
            let isSame =
                known?.state == integration.state && known?.endpoint == integration.endpoint
                && keysBefore[id] == keys[id]
            if !isSame { onIntegrationUsable?(id) }
        }
        for id in before.keys where integrationsByID[id] == nil { onIntegrationGone?(id) }
    }

    // MARK: Secrets

    /// Which of a source's secrets `authorization` holds; `nil` refuses.
    ///
    /// An unknown source, a disabled one and a wrong secret take the same steps: one digest of
    /// what was presented, and comparisons in constant time, if need be against a hash that
    /// nothing has.
    package func authenticate(
        sourceID: String, authorization: Span<UInt8>?
    ) -> (source: Source, secret: SecretID)? {
        let presented = BearerToken.token(in: authorization)
        let digest = presented.withBytes { Digest.sha256($0) }
        let source = sourcesByID[sourceID]
        let now = clock.now
        var match: SecretID?
        for secret in source?.secrets ?? [Self.nobody] {
            let isEqual = constantTimeEquals(digest, secret.hash)
            let isCurrent = secret.expiresAt.map { $0 > now } ?? true
            if isEqual, isCurrent { match = secret.id }
        }
        guard let source, source.isEnabled, !presented.isEmpty, let match else { return nil }
        return (source, match)
    }

    /// Whether `bytes` are a webhook secret or a named token; for keeping those out of what is
    /// stored.
    package func isSecret(_ bytes: Span<UInt8>) -> Bool {
        if bytes.count == AdminToken.textBytesCount {
            return tokensByHash[Digest.sha256(bytes)] != nil
        }
        guard bytes.count == Self.secretBytesCount else { return false }
        let hashes =
            knownHashes ?? Set(sourcesByID.values.flatMap { source in source.secrets.map(\.hash) })
        knownHashes = hashes
        return hashes.contains(Digest.sha256(bytes))
    }

    /// Marks of all API keys, and of what webhooks to endpoints are signed with; for keeping those
    /// out of what is stored.
    var secretMarks: SecretMarks {
        if let knownMarks { return knownMarks }
        var marks = signingMarks
        for key in keys.values { marks.insert(key.secretText.utf8Span.span) }
        knownMarks = marks
        return marks
    }

    /// Notes what an endpoint is signed with from now on; the store has it already.
    func note(_ secret: SigningSecret) {
        signingMarks.insert(secret)
        changesCount += 1
    }

    /// The length of every webhook secret: 32 random bytes in base 64.
    static let secretBytesCount = 43

    private static let nobody = SourceSecret(
        id: SecretID(""), hash: [UInt8](repeating: 0, count: Digest.sha256BytesCount),
        createdAt: Timestamp(milliseconds: 0))

    // MARK: Integrations

    /// All integrations, by name.
    package var integrations: [Integration] {
        integrationsByID.values.sorted { ($0.name, $0.id.text) < ($1.name, $1.id.text) }
    }

    /// One integration.
    package func integration(_ id: IntegrationID) -> Integration? { integrationsByID[id] }

    /// Its key.
    package func key(of id: IntegrationID) -> APIKey? { keys[id] }

    /// Adds an integration whose key was found good.
    package func insert(_ integration: Integration, key: APIKey) async throws(StoreError) {
        try await store.insert(integration, key: key)
        integrationsByID[integration.id] = integration
        keys[integration.id] = key
        changesCount += 1
        onIntegrationUsable?(integration.id)
        await settle()
    }

    /// Changes an integration as it is now, whoever else changes it meanwhile.
    ///
    /// - Parameters:
    ///   - id: The integration.
    ///   - key: Its new key, if it gets one.
    ///   - change: Makes of it what it is to be, perhaps more than once; false leaves it alone.
    /// - Returns: What it is now; `nil` when it is gone or was left alone.
    /// - Throws: What the store throws; `busy` when others changed it each time.
    package func change(
        _ id: IntegrationID, key: APIKey? = nil, _ change: @LoopActor (inout Integration) -> Bool
    ) async throws(StoreError) -> Integration? {
        let changed = try await write(id, key: key, change)
        if changed != nil { await settle() }
        return changed
    }

    private func write(
        _ id: IntegrationID, key: APIKey? = nil, _ change: @LoopActor (inout Integration) -> Bool
    ) async throws(StoreError) -> Integration? {
        for _ in 0..<Limits.changeAttemptsMax {
            guard let before = integrationsByID[id] else { return nil }
            var changed = before
            guard change(&changed) else { return nil }
            if try await store.update(changed, over: before, key: key) {
                integrationsByID[id] = changed
                if let key { keys[id] = key }
                changesCount += 1
                if !changed.state.isPaused { onIntegrationUsable?(id) }
                return changed
            }
            // Somebody changed it, here or at another gateway, and this one has not heard of it.
            await refresh()
        }
        throw StoreError(.busy, "Too many change the integration at once; try again.")
    }

    /// Removes an integration that nothing needs any more.
    package func removeIntegration(
        _ id: IntegrationID
    ) async throws(StoreError) -> IntegrationRemoval {
        let removal = try await store.removeIntegration(id)
        if removal == .removed {
            integrationsByID[id] = nil
            keys[id] = nil
            changesCount += 1
            await settle()
        }
        return removal
    }

    /// Notes what BigPanda said of an integration's key, if that is news.
    package func note(
        _ state: IntegrationState, because reason: String?, for id: IntegrationID
    ) async throws(StoreError) {
        _ = try await recording(id) { () async throws(StoreError) in
            try await write(id) { [now = clock.now] integration in
                guard integration.state != state else { return false }
                integration.state = state
                integration.stateReason = reason
                integration.checkedAt = now
                integration.updatedAt = now
                return true
            }
        }
    }

    /// Notes what a check of a stored key found.
    ///
    /// - Returns: The integration as it is now; `nil` when it is gone, or has another key by now.
    package func record(
        _ check: KeyCheck, of key: APIKey, for id: IntegrationID
    ) async throws(StoreError) -> Integration? {
        try await recording(id) { () async throws(StoreError) in
            try await change(id) { [self, now = clock.now] integration in
                guard keys[id] == key else { return false }
                (integration.state, integration.stateReason) = check.state
                if case .good(let environments) = check { integration.environments = environments }
                integration.checkedAt = now
                integration.updatedAt = now
                return true
            }
        }
    }
}
