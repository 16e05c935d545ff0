import Alerts

extension StoreContract {
    static let directoryCases = [
        Case("an integration comes back as it was stored, its key apart") { store in
            let second = Sample.integration(IntegrationID("int_0"), name: "Z")
            try await store.insert(second, key: APIKey("BPU-zeta"))
            try await store.insert(Sample.integration(), key: APIKey("BPU-alpha"))
            try expectEqual(try await store.integrations(), [Sample.integration(), second])
            try expectEqual(
                try await store.apiKey(of: Sample.integrationID), APIKey("BPU-alpha"))
            try expectEqual(try await store.apiKey(of: IntegrationID("int_none")), nil)
        },
        Case("an integration changes, and its key only when a new one is given") { store in
            try await store.insert(Sample.integration(), key: APIKey("BPU-old"))
            var changed = Sample.integration()
            changed.name = "Renamed"
            changed.endpoint = .init(region: nil, baseURL: "https://proxy.example")
            changed.environmentID = "env-2"
            changed.environments = []
            changed.keySuffix = "-new"
            changed.keyExpiresAt = nil
            changed.state = .keyRejected
            changed.stateReason = "401"
            changed.checkedAt = Sample.at(1)
            changed.updatedAt = Sample.at(2)
            try await store.update(changed, key: nil)
            try expectEqual(try await store.integrations(), [changed])
            try expectEqual(try await store.apiKey(of: changed.id), APIKey("BPU-old"))
            try await store.update(changed, key: APIKey("BPU-new"))
            try expectEqual(try await store.apiKey(of: changed.id), APIKey("BPU-new"))
        },
        Case("an integration that somebody else changed is not written over") { store in
            try await store.insert(Sample.integration(), key: APIKey("BPU-old"))
            let before = Sample.integration()
            var (renamed, paused) = (before, before)
            renamed.name = "Renamed"
            paused.state = .keyRejected
            let newKey = APIKey("BPU-new")
            try expectEqual(try await store.update(renamed, over: before, key: nil), true)
            try expectEqual(try await store.update(paused, over: before, key: newKey), false)
            try expectEqual(try await store.integrations(), [renamed])
            try expectEqual(try await store.apiKey(of: before.id), APIKey("BPU-old"))
            try expectEqual(try await store.update(paused, over: renamed, key: newKey), true)
            try expectEqual(try await store.apiKey(of: before.id), newKey)
        },
        Case("an id can't be used twice, nor changed before it exists") { store in
            try await prepare(store)
            for write in [
                { try await store.insert(Sample.integration(), key: APIKey("BPU-2")) },
                { try await store.insert(Sample.source(name: "Again")) },
                { try await store.update(Sample.integration(IntegrationID("none")), key: nil) },
                { try await store.update(Sample.source(SourceID("none"))) },
                {
                    try await store.insert(
                        Sample.source(
                            SourceID("s"), of: IntegrationID("none"), secret: SecretID("x")))
                },
            ] as [() async throws -> Void] {
                let error = try await expectError(write)
                try expectEqual(error.kind, .conflict)
            }
            try expectEqual(try await store.integrations().count, 1)
            try expectEqual(try await store.sources(), [Sample.source()])
            try expectEqual(
                try await store.apiKey(of: Sample.integrationID), APIKey("BPU-sample-key"))
        },
        Case("an integration goes once nothing depends on it") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let id = Sample.integrationID
            try expectEqual(try await store.removeIntegration(id), .hasSources(count: 1))
            _ = try await store.removeSource(Sample.sourceID, at: Sample.at(20))
            try expectEqual(try await store.removeIntegration(id), .owesCloses(count: 1))
            _ = try await store.cancelClose(
                CloseID("cls_a"), by: Actor(.user, name: "ada"), at: Sample.at(30))
            try expectEqual(try await store.removeIntegration(id), .removed)
            try expectEqual(try await store.removeIntegration(id), .notFound)
            try expectEqual(try await store.integrations(), [])
            try expectEqual(try await store.apiKey(of: id), nil)
            try expectEqual(try await incidents(AlertQuery(), in: store), ["a"])
        },
        Case("a source changes without losing its counts") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new, at: 5)])
            var changed = Sample.source(name: "Renamed")
            changed.isEnabled = false
            changed.updatedAt = Sample.at(6)
            changed.secrets[0].expiresAt = Sample.at(100)
            changed.secrets.insert(
                SourceSecret(
                    id: SecretID("sec_new"), hash: [UInt8](0..<32), createdAt: Sample.at(6)),
                at: 0)
            try await store.update(changed)
            let stored = try unwrap(try await store.sources().first)
            changed.deliveryCount = 1
            changed.lastDeliveryAt = Sample.at(5)
            changed.secrets[1].lastUsedAt = Sample.at(5)
            try expectEqual(stored, changed)
            changed.secrets.removeLast()
            try await store.update(changed)
            try expectEqual(try await store.sources(), [changed])
        },
        Case("a source that somebody else changed is not written over") { store in
            try await prepare(store)
            let before = Sample.source()
            var (renamed, rotated) = (before, before)
            renamed.name = "Renamed"
            let other = SourceSecret(
                id: SecretID("sec_new"), hash: [UInt8](0..<32), createdAt: Sample.at(6))
            rotated.secrets.insert(other, at: 0)
            try expectEqual(try await store.update(renamed, over: before), true)
            try expectEqual(try await store.update(rotated, over: before), false)
            try expectEqual(try await store.sources(), [renamed])
            // What webhooks count is no change of it.
            _ = try await store.apply([Sample.arrival("a", .new, at: 7)])
            rotated.name = renamed.name
            try expectEqual(try await store.update(rotated, over: renamed), true)
            let stored = try unwrap(try await store.sources().first)
            try expectEqual(stored.definition, rotated)
            try expectEqual(stored.deliveryCount, 1)
            // A secret alone makes it another.
            var ended = rotated
            ended.secrets[1].expiresAt = Sample.at(8)
            try expectEqual(try await store.update(ended, over: renamed), false)
            try expectEqual(try await store.update(ended, over: rotated), true)
            try expectEqual(try await store.update(rotated, over: rotated), false)
        },
        Case("a removed source is out of use and its alerts stay") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            let id = Sample.sourceID
            try expect(try await store.removeSource(id, at: Sample.at(1)), "no source")
            try expect(try await !store.removeSource(id, at: Sample.at(2)), "removed twice")
            try expectEqual(try await store.sources(), [])
            try expectEqual(
                try await store.alert(Sample.alertID("a"))?.alert.sourceID, Sample.sourceID)
            // A webhook that was under way when the source was removed is taken in all the same.
            let late = try await store.apply([Sample.arrival("a", at: 3)])
            try expectEqual(late.map(\.outcome), [.updated])
        },
        Case("sources are listed by name") { store in
            try await store.insert(Sample.integration(), key: APIKey("BPU-1"))
            for (id, name) in [("s1", "b"), ("s3", "a"), ("s2", "a")] {
                try await store.insert(
                    Sample.source(SourceID(id), name: name, secret: SecretID("sec_\(id)")))
            }
            try expectEqual(try await store.sources().map(\.id.text), ["s2", "s3", "s1"])
        },
    ]
}
