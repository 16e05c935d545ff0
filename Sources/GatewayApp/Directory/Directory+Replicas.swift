import Alerts
import EventLoop
import Logging

/// Everything that a directory holds.
struct DirectoryContents: Sendable {
    let integrations: [IntegrationID: Integration]
    let keys: [IntegrationID: APIKey]
    let sources: [String: Source]
    let tokens: [[UInt8]: AdminToken]
    let signingSecrets: [SigningSecret]

    init(from store: any DirectoryStore) async throws(StoreError) {
        var (integrations, keys): ([IntegrationID: Integration], [IntegrationID: APIKey]) =
            ([:], [:])
        for integration in try await store.integrations() {
            integrations[integration.id] = integration
            keys[integration.id] = try await store.apiKey(of: integration.id)
        }
        var sources: [String: Source] = [:]
        for source in try await store.sources() { sources[source.id.text] = source }
        var tokens: [[UInt8]: AdminToken] = [:]
        for token in try await store.adminTokens() { tokens[token.hash] = token }
        self.tokens = tokens
        signingSecrets = try await store.signingSecrets()
        (self.integrations, self.keys, self.sources) = (integrations, keys, sources)
    }
}

// What other gateways on the same store changed, and that they know what this one did.
extension Directory {
    /// Reads anew what another gateway may have changed; returns once that is done, or has failed.
    package func refresh() async {
        wantsRefresh = true
        if refreshing == nil {
            refreshing = LoopActor.spawn { [self] in
                while wantsRefresh {
                    wantsRefresh = false
                    await refreshOnce()
                }
                refreshing = nil
            }
        }
        await refreshing?.value
    }

    private func refreshOnce() async {
        let before = changesCount
        do throws(StoreError) {
            // First: what is read after it is as new, or newer.
            let version = try await link.directoryVersion()
            let contents = try await DirectoryContents(from: store)
            guard before == changesCount else {
                // What was written here meanwhile may be missing from it.
                wantsRefresh = true
                return
            }
            take(contents)
            try await link.noteDirectory(version)
        } catch {
            // The store tells again until it was taken in.
            log.warning(
                "What another gateway changed could not be read; it is tried again.",
                metadata: ["error": "\(error)"])
        }
    }

    /// Waits until every gateway has taken in what was just written, or for a while.
    ///
    /// What is answered after that holds wherever the next request goes: BigPanda would not repeat
    /// a webhook that was refused with 401.
    func settle() async {
        guard link.isShared else { return }
        let deadline = ContinuousClock.now + Limits.replicasWaitMax
        do throws(StoreError) {
            let version = try await link.directoryVersion()
            await refresh()
            while case let count = try await link.gatewaysBehind(version), count > 0 {
                guard ContinuousClock.now < deadline else {
                    log.warning(
                        "Other gateways have not taken in a change of what each holds in memory.",
                        metadata: ["gateways": "\(count)"])
                    return
                }
                await Timer.wait(Limits.replicasPollInterval)
            }
        } catch {
            log.warning(
                "Whether other gateways know of a change could not be found out.",
                metadata: ["error": "\(error)"])
        }
    }
}
