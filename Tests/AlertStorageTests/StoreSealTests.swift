import Alerts
import EventLoop
import GatewayTesting
import SQLite
import TLS
import Testing

@testable import AlertStorage

/// Changing the master key.
@Suite struct StoreSealTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()
    let newKey = Secret(String(repeating: "n", count: 32))

    @Test func `the previous key opens what it sealed, and seals nothing`() async throws {
        await (try await fixture.openFilled()).close()
        let store = try await SQLiteStore.open(
            path: fixture.path, masterKey: newKey, previousKey: fixture.masterKey)
        #expect(try await store.apiKey(of: Sample.integrationID) == APIKey("BPU-sample-key"))
        try await store.update(Sample.integration(), key: APIKey("BPU-other"))
        await store.close()
        let sealed = try SQLiteConnection(fixture.path).sealedKeys()
        #expect(try KeySealer(masterKey: newKey).isCurrent(sealed[0].record))
        #expect(await fixture.openingError(masterKey: newKey)?.kind == .wrongMasterKey)
    }

    @Test func `a store that was sealed anew opens with the new key alone`() async throws {
        let store = try await fixture.openFilled()
        try await store.insert(
            Sample.integration(IntegrationID("int_2"), name: "B"), key: APIKey("BPU-2"))
        await store.close()
        #expect(try state() == .previous)
        #expect(try reseal() == .init(resealedCount: 2, currentCount: 0))
        #expect(try state() == .current)
        #expect(try reseal() == .init(resealedCount: 0, currentCount: 2))
        #expect(await fixture.openingError()?.kind == .wrongMasterKey)
        let again = try await SQLiteStore.open(path: fixture.path, masterKey: newKey)
        #expect(try await again.apiKey(of: Sample.integrationID) == APIKey("BPU-sample-key"))
        #expect(try await again.apiKey(of: IntegrationID("int_2")) == APIKey("BPU-2"))
        #expect(try await again.alerts(AlertQuery()).items.count == 1)
        await again.close()
    }

    @Test func `secrets of endpoints are sealed anew too, the ones before included`() async throws {
        let store = try await fixture.open()
        try await Self.addEndpoint(to: store)
        await store.close()
        #expect(try state() == .previous)
        #expect(try reseal() == .init(resealedCount: 1, currentCount: 0))
        #expect(try state() == .current)
        let again = try await SQLiteStore.open(path: fixture.path, masterKey: newKey)
        try await Self.expectSecrets(in: again)
        await again.close()
    }

    /// An endpoint whose secrets overlap, and something that it is told.
    private static func addEndpoint(to store: some OutboundStore) async throws {
        let endpoint = OutboundEndpoint(
            id: EndpointID("whe_1"), name: "paging", url: "https://hooks.example/",
            events: OutboundEvent.standard, at: Sample.at(0))
        try await store.insert(endpoint, secret: SigningSecret("whsec_old"))
        _ = try await store.rotate(
            endpoint.id, to: SigningSecret("whsec_new"), overlapEndsAt: Sample.at(99),
            at: Sample.at(1))
        _ = try await store.sendTest(to: endpoint.id, at: Sample.at(2))
    }

    private static func expectSecrets(in store: some OutboundStore) async throws {
        let rounds = try await store.claimMessages(
            OutboundClaim(at: Sample.at(3), roundsMax: 1, messagesMax: 1))
        #expect(
            rounds.first?.secrets == [SigningSecret("whsec_new"), SigningSecret("whsec_old")])
    }

    @Test func `one key among many that neither opens leaves all as they are`() async throws {
        await (try await fixture.openFilled()).close()
        let stranger = try KeySealer(masterKey: Secret(String(repeating: "s", count: 32)))
        do {
            let connection = try SQLiteConnection(fixture.path)
            try connection.execute(
                """
                INSERT INTO integrations SELECT 9, 'int_9', name, region, base_url, environment_id,
                    environments, key_suffix, key_expires_at, state, state_reason, checked_at,
                    created_at, updated_at, sealed_key, 0 FROM integrations
                """)
            var update = try connection.prepare(
                "UPDATE integrations SET sealed_key = ? WHERE key = 9")
            try update.bind(
                try #require(try? stranger.seal(APIKey("x"), for: IntegrationID("int_9"))))
            try update.run()
        }
        let error = #expect(throws: StoreError.self) { try reseal() }
        #expect(error?.kind == .wrongMasterKey)
        #expect(error?.message.contains(stranger.fingerprint) == true)
        let sealer = try KeySealer(masterKey: fixture.masterKey)
        let connection = try SQLiteConnection(fixture.path)
        #expect(try sealer.isCurrent(connection.canary()))
        #expect(try sealer.isCurrent(connection.sealedKeys()[0].record))
    }

    @Test func `a fingerprint tells keys apart and shows nothing of them`() throws {
        let fingerprint = try StoreSeal.fingerprint(of: newKey)
        #expect(fingerprint.utf8.count == 16)
        #expect(try fingerprint != StoreSeal.fingerprint(of: fixture.masterKey))
        #expect(fingerprint == (try StoreSeal.fingerprint(of: newKey)))
        #expect(!fingerprint.contains("6e6e"))
    }

    @Test func `replicas go from one key to the other without a refusal`() async throws {
        let newKey = newKey
        try await PostgresFixture.test { fixture in
            let old = fixture.masterKey
            let first = try await open(fixture, old, nil)
            try await StoreContract.prepare(first)
            try await Self.addEndpoint(to: first)
            // Each replica is told of the new key before any seals with it.
            let accepting = try await open(fixture, old, newKey)
            await first.close()
            let sealing = try await open(fixture, newKey, old)
            for (number, store) in [accepting, sealing].enumerated() {
                let id = IntegrationID("int_1\(number)")
                try await store.insert(
                    Sample.integration(id, name: "\(number)"), key: APIKey("BPU-\(number)"))
                for reader in [accepting, sealing] {
                    #expect(try await reader.apiKey(of: id) == APIKey("BPU-\(number)"))
                }
            }
            await accepting.close()
            let outcome = try await StoreSeal.reseal(
                try fixture.location, masterKey: newKey, previousKey: old)
            #expect(outcome == .init(resealedCount: 3, currentCount: 1))
            let last = try await open(fixture, newKey, nil)
            try await Self.expectSecrets(in: last)
            for store in [sealing, last] {
                let id = Sample.integrationID
                #expect(try await store.apiKey(of: id) == APIKey("BPU-sample-key"))
                #expect(try await store.apiKey(of: IntegrationID("int_10")) == APIKey("BPU-0"))
                await store.close()
            }
            let error = await #expect(throws: StoreError.self) { try await fixture.open() }
            #expect(error?.kind == .wrongMasterKey)
        }
    }

    private func state() throws(StoreError) -> StoreSeal.State {
        try StoreSeal.state(
            of: fixture.path, masterKey: newKey, previousKey: fixture.masterKey)
    }

    @discardableResult
    private func reseal() throws(StoreError) -> StoreSeal.Outcome {
        try StoreSeal.reseal(
            fixture.path, masterKey: newKey, previousKey: fixture.masterKey)
    }
}

private func open(
    _ fixture: PostgresFixture, _ masterKey: Secret, _ previousKey: Secret?
) async throws -> PostgresStore {
    try await PostgresStore.open(
        try fixture.location, masterKey: masterKey, previousKey: previousKey)
}
