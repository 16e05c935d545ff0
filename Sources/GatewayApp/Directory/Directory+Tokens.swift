import Alerts
import EventLoop

// The named tokens of the admin API, and who changed what.
extension Directory {
    /// The token that is hashed to `hash`.
    func adminToken(hash: [UInt8]) -> AdminToken? { tokensByHash[hash] }

    /// The token called `id`.
    func adminToken(_ id: String) -> AdminToken? { tokensByHash.values.first { $0.id == id } }

    /// How many there are.
    var tokenCount: Int { tokensByHash.count }

    /// All tokens as the store has them, with their last use, by name.
    func adminTokens() async throws(StoreError) -> [AdminToken] { try await store.adminTokens() }

    /// Adds a token.
    func insert(_ token: AdminToken) async throws(StoreError) {
        try await store.insert(token)
        tokensByHash[token.hash] = token
        changesCount += 1
        await settle()
    }

    /// Removes a token and ends its sessions, at all gateways; false when there is none.
    func removeToken(_ id: String) async throws(StoreError) -> Bool {
        let isRemoved = try await store.removeToken(id)
        tokensByHash = tokensByHash.filter { $0.value.id != id }
        tokenUses[id] = nil
        changesCount += 1
        await settle()
        return isRemoved
    }

    /// Notes that a token was used; written about once a minute.
    func noteUse(of token: AdminToken) {
        let (id, now) = (token.id, clock.now)
        if let last = tokenUses[id], now >= last, now - last < Limits.tokenUseInterval { return }
        tokenUses[id] = now
        LoopActor.spawn { [store] in
            do throws(StoreError) {
                try await store.noteUse(ofToken: id, at: now)
            } catch {
                // Whoever looks after a full disk must not be kept out by it; the next use is told.
            }
        }
    }

    /// Runs a change of an integration's state; when nobody asked for it, it is the gateway's own.
    func recording<Result>(
        _ id: IntegrationID, _ body: @LoopActor () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let entry =
            AuditTrail.entry
            ?? AuditEntry(at: clock.now, .system, .integrationCheck, id.text, fields: ["state"])
        return try await AuditTrail.recording(entry, body)
    }
}

extension AuditTrail {
    /// Runs the one change that `entry` tells of.
    @LoopActor
    static func recording<Result>(
        _ entry: AuditEntry, _ body: @LoopActor () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        do {
            return try await $entry.withValue(entry) { try await body() }
        } catch let error as StoreError {
            throw error
        } catch {
            preconditionFailure("the body throws nothing else")
        }
    }
}

extension AdminToken {
    /// What every named token begins with, so that programs that look for secrets know it.
    static let textPrefix = "bpgw_"
    /// The length of every named token: the prefix, and 32 random bytes in base 64.
    static let textBytesCount = textPrefix.utf8.count + 43
}
