package import Alerts

extension StoreContract {
    static let outboundKeepingCases = [
        Case("after a rotation both secrets sign until the overlap ends") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let secrets = (new: SigningSecret("whsec_new"), old: SigningSecret("whsec_e1"))
            let changed = try await store.rotate(
                EndpointID("e1"), to: secrets.new, overlapEndsAt: Sample.at(100), at: Sample.at(2))
            try expectEqual(changed?.previousSecretEndsAt, Sample.at(100))
            let kept = try await store.signingSecrets().map(\.secretText).sorted()
            try expectEqual(kept, ["whsec_e1", "whsec_new"])
            let during = try unwrap(try await claim(store, at: 99).first)
            try expectEqual(during.secrets, [secrets.new, secrets.old])
            try await conclude(during, [], 99, store)
            let after = try unwrap(try await claim(store, at: 100 + 60).first)
            try expectEqual(after.secrets, [secrets.new])
            try await conclude(after, [], 160, store)
            _ = try await store.rotate(
                EndpointID("e1"), to: secrets.old, overlapEndsAt: Sample.at(170), at: Sample.at(170)
            )
            let atOnce = try unwrap(try await claim(store, at: 230).first)
            try expectEqual(atOnce.secrets, [secrets.old])
            try expectEqual(try await store.signingSecrets(), [secrets.old])
            let missing = try await store.rotate(
                EndpointID("e9"), to: secrets.new, overlapEndsAt: Sample.at(9), at: Sample.at(1))
            try expectEqual(missing, nil)
        },
        Case("a message can be posted again under its name") { store in
            try await prepareEndpoints(
                store, ["e1": OutboundEvent.standard, "e2": [.alertUpdated]])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let round = try unwrap(try await claim(store, at: 2).first)
            let id = try unwrap(round.messages.first).message.id
            try await conclude(round, [.taken(statusCode: 200)], 3, store)
            let result = try await store.replay(id, of: EndpointID("e1"), at: Sample.at(9))
            try expectEqual(try result?.get().state, .pending)
            let again = try unwrap(try await claim(store, at: 10).first)
            try expectEqual(again.messages.map(\.message.id), [id])
            try expectEqual(again.messages.map(\.message.attempts), [0])
            for (id, endpoint) in [(id, "e2"), (MessageID("msg_1_zz"), "e1"), (id, "e9")] {
                let id = MessageID(id.text), other = EndpointID(endpoint)
                try expect(
                    try await store.replay(id, of: other, at: Sample.at(9)) == nil, "replayed")
                try expectEqual(try await store.message(id, of: other), nil)
            }
        },
        Case("a test goes to one endpoint, if it is enabled") { store in
            try await prepareEndpoints(store, ["e1": [.closeFailed], "e2": OutboundEvent.standard])
            let result = try await store.sendTest(to: EndpointID("e1"), at: Sample.at(1))
            try expectEqual(try result?.get().event, .endpointTest)
            let rounds = try await claim(store, at: 2)
            try expectEqual(rounds.map(\.endpointID.text), ["e1"])
            let kept = try unwrap(rounds.first?.messages.first)
            try expectEqual(try await store.message(kept.message.id, of: EndpointID("e1")), kept)
            try expectEqual(kept.message.alertID, nil)
            var change = EndpointChange()
            change.isEnabled = false
            _ = try await store.change(EndpointID("e1"), change, at: Sample.at(3))
            let refused = try await store.sendTest(to: EndpointID("e1"), at: Sample.at(4))
            try expectEqual(refused, .failure(.disabled))
            try expect(
                try await store.sendTest(to: EndpointID("e9"), at: Sample.at(4)) == nil,
                "it was sent")
        },
        Case("a removed endpoint's messages go, and old ones") { store in
            try await prepareEndpoints(
                store, ["e1": OutboundEvent.standard, "e2": OutboundEvent.standard])
            _ = try await store.apply([
                Sample.arrival("a", .new, at: 1), Sample.arrival("b", .new, at: 10),
            ])
            var owed = try await store.outboundStatistics()
            try expectEqual(owed.pendingCount, 4)
            try expectEqual(owed.oldestPending, Sample.at(1))
            try expectEqual(try await store.removeEndpoint(EndpointID("e2")), true)
            try expectEqual(try await store.removeEndpoint(EndpointID("e2")), false)
            try expectEqual(try await messages(of: "e2", store).count, 0)
            let gone = try await store.pruneMessages(before: Sample.at(0), beyond: 99, limit: 9)
            try expectEqual(gone, 2)
            let old = try await store.pruneMessages(before: Sample.at(10), beyond: 99, limit: 9)
            try expectEqual(old, 1)
            owed = try await store.outboundStatistics()
            try expectEqual(owed.oldestPending, Sample.at(10))
            _ = try await store.apply([Sample.arrival("c", .new, at: 11)])
            let many = try await store.pruneMessages(before: Sample.at(0), beyond: 1, limit: 9)
            try expectEqual(many, 1)
            try expectEqual(
                try await messages(of: "e1", store).map(\.alertID), [Sample.alertID("c")])
        },
        Case("messages are listed by pages and by state") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply(
                (1...5).map { Sample.arrival("i\($0)", .new, at: Double($0)) })
            var query = MessageQuery(of: EndpointID("e1"), limit: 2)
            var found: [AlertID?] = []
            repeat {
                let page = try await store.messages(query)
                found += page.items.map(\.alertID)
                query.cursor = page.next
            } while query.cursor != nil
            try expectEqual(found, (1...5).reversed().map { Sample.alertID("i\($0)") })
            let round = try unwrap(try await claim(store, at: 9).first)
            try await conclude(round, [.taken(statusCode: 200)], 9, store)
            try expectEqual(try await messages(of: "e1", store, .delivered).count, 1)
            try expectEqual(try await messages(of: "e1", store, .pending).count, 4)
            try expectEqual(try await messages(of: "e1", store, .failed).count, 0)
        },
        Case("what a clock set back since has planned far ahead is due") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let round = try unwrap(try await claim(store, at: 400_000).first)
            try await conclude(
                round, [.failed(reason: "500", statusCode: 500)], 400_000, store)
            try await store.recoverRounds()
            let again = try await claim(store, at: 2)
            // Where gateways share a store, claims are counted by its clock, which is not set back.
            try expect(again.isEmpty || again[0].messages.count == 1, "it is not due")
        },
        Case("what is owed is told after the commit") { store in
            let count = Count()
            store.onMessages { count.add() }
            try await prepareEndpoints(store, ["e1": [.alertCreated]])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            try expectEqual(count.value, 1)
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(3))
            try expectEqual(count.value, 1)
            _ = try await store.sendTest(to: EndpointID("e1"), at: Sample.at(4))
            try expectEqual(count.value, 2)
            store.onMessages(nil)
        },
    ]

    /// Adds an integration, a source and endpoints, by name with what they ask for.
    static func prepareEndpoints(
        _ store: Store, _ endpoints: KeyValuePairs<String, [OutboundEvent]>
    ) async throws {
        try await prepare(store)
        for (name, events) in endpoints {
            let endpoint = OutboundEndpoint(
                id: EndpointID(name), name: name, url: "https://\(name).example/",
                events: events, at: Sample.start)
            try await store.insert(endpoint, secret: SigningSecret("whsec_\(name)"))
            try expectEqual(
                try await store.endpoints().first { $0.id == endpoint.id }, endpoint)
        }
    }

    static func messages(
        of endpoint: String, _ store: Store, _ state: MessageState? = nil
    ) async throws -> [OutboundMessage] {
        var query = MessageQuery(of: EndpointID(endpoint))
        query.state = state
        return try await store.messages(query).items
    }

    static func claim(_ store: Store, at seconds: Double) async throws -> [OutboundRound] {
        try await store.claimMessages(
            OutboundClaim(at: Sample.at(seconds), roundsMax: 9, messagesMax: 9))
    }

    static func conclude(
        _ round: OutboundRound, _ results: [OutboundMachine.Result], _ seconds: Double,
        _ store: Store
    ) async throws {
        let endpoint = try await store.conclude(Sample.attempts(round, results, at: seconds))
        _ = try unwrap(endpoint)
    }
}

extension StoreContract.Sample {
    /// What the first messages of a round came to, each at once.
    package static func attempts(
        _ round: OutboundRound, _ results: [OutboundMachine.Result], at seconds: Double
    ) -> OutboundConclusion {
        OutboundConclusion(
            endpointID: round.endpointID, fence: round.fence,
            attempts: zip(round.messages, results).map { kept, result in
                OutboundMachine.Attempt(
                    messageID: kept.message.id, result: result, startedAt: at(seconds),
                    duration: .zero, fraction: 0.5)
            })
    }
}
