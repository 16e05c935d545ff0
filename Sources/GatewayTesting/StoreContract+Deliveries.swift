import Alerts

extension StoreContract {
    static let deliveryCases = journalCases + journalContentCases + journalBoundCases

    private static let journalCases = [
        Case("an accepted webhook is in the journal as it came") { store in
            try await prepare(store)
            let request = DeliveryRequest(
                peer: "2001:db8::7", headerLines: Array("User-Agent: a: b\nX: \n".utf8),
                body: body("a", count: 5_000))
            let results = try await store.apply([
                Sample.arrival("a", .new, at: 3, request: request)
            ])
            let id = try unwrap(results.first).deliveryID
            let kept = try unwrap(try await store.delivery(id))
            try expectEqual(
                kept.delivery,
                Delivery(
                    id: id, receivedAt: Sample.at(3), sourceID: Sample.sourceID,
                    secretID: Sample.secretID, verdict: .accepted(.created), incidentID: "a",
                    alertID: Sample.alertID("a"), peer: "2001:db8::7", bytes: 5_000,
                    replayOf: nil))
            try expectEqual(kept.request, request)
            try expectEqual(kept.request.headers.map(\.name), ["User-Agent", "X"])
            try expectEqual(kept.request.headers.map(\.value), ["a: b", ""])
            let timeline = try await store.timeline(of: Sample.alertID("a"), limit: 9)
            try expectEqual(timeline.map(\.deliveryID), [id])
        },
        Case("each outcome of a batch is in the journal, newest first") { store in
            try await prepare(store)
            let results = try await store.apply([
                Sample.arrival("a", .new, changedOn: 5, fingerprint: 1),
                Sample.arrival("a", .new, changedOn: 5, fingerprint: 1),
                Sample.arrival("a", changedOn: 4),
            ])
            let page = try await store.deliveries(DeliveryQuery())
            try expectEqual(page.items.map(\.id), results.reversed().map(\.deliveryID))
            try expectEqual(
                page.items.map(\.verdict.outcomeText), ["ignored_stale", "duplicate", "created"])
            try expectEqual(page.next, nil)
        },
        Case("a refused webhook is in the journal with its reason") { store in
            try await prepare(store)
            let whole = refused(.badIncidentID, body: body("x", count: 60), at: 1)
            let stranger = RefusedDelivery(
                reason: .badSecret, receivedAt: Sample.at(2), sourceID: nil, secretID: nil,
                request: DeliveryRequest(peer: "192.0.2.9", bytes: 4_711))
            try await store.record([whole, stranger])
            let items = try await store.deliveries(DeliveryQuery()).items
            try expectEqual(
                items.map(\.verdict), [.refused(.badSecret), .refused(.badIncidentID)])
            try expectEqual(items.map(\.sourceID), [nil, Sample.sourceID])
            try expectEqual(items.map(\.bytes), [4_711, 60])
            let kept = try unwrap(try await store.delivery(try unwrap(items.last).id))
            try expectEqual(kept.request, whole.request)
            let empty = try unwrap(try await store.delivery(try unwrap(items.first).id))
            try expectEqual(empty.request.body, nil)
            try expectEqual(try await store.statistics(), StoreStatistics())
        },
        Case("deliveries are listed by source and outcome, page by page") { store in
            try await prepare(store)
            let second = SourceID("src_2")
            try await store.insert(Sample.source(second, name: "Other", secret: SecretID("s2")))
            for number in 0..<3 {
                _ = try await store.apply([
                    Sample.arrival("a\(number)", .new),
                    Sample.arrival("b\(number)", .new, source: second),
                ])
                try await store.record([refused(.notJSON, at: Double(number))])
            }
            var query = DeliveryQuery(limit: 2)
            query.outcome = "refused"
            let first = try await store.deliveries(query)
            try expectEqual(first.items.map(\.receivedAt), [Sample.at(2), Sample.at(1)])
            query.cursor = try unwrap(first.next)
            let rest = try await store.deliveries(query)
            try expectEqual(rest.items.map(\.receivedAt), [Sample.at(0)])
            try expectEqual(rest.next, nil)
            query = DeliveryQuery()
            query.sourceID = second
            let ofSecond = try await store.deliveries(query).items
            try expectEqual(ofSecond.map(\.incidentID), ["b2", "b1", "b0"])
            query.outcome = "resolved"
            try expectEqual(try await store.deliveries(query).items, [])
        },
        Case("a replay is a delivery of its own and no use of the secret") { store in
            try await prepare(store)
            let first = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let original = try unwrap(first.first).deliveryID
            let second = try await store.apply([replay(of: original)])
            let kept = try unwrap(try await store.delivery(try unwrap(second.first).deliveryID))
            try expectEqual(kept.delivery.replayOf, original)
            try expectEqual(kept.delivery.secretID, nil)
            let source = try unwrap(try await store.sources().first)
            try expectEqual(source.deliveryCount, 1)
            try expectEqual(source.lastDeliveryAt, Sample.at(1))
            let timeline = try await store.timeline(of: Sample.alertID("a"), limit: 9)
            try expectEqual(timeline.last?.cause.name.contains(original.text), true)
        },
        Case("a batch that fails leaves no delivery") { store in
            try await prepare(store)
            _ = try await expectError {
                _ = try await store.apply([
                    Sample.arrival("a", .new),
                    Sample.arrival("b", .new, source: SourceID("src_unknown")),
                ])
            }
            try expectEqual(try await store.deliveries(DeliveryQuery()).items, [])
            try expectEqual(try await store.journalBytes(), 0)
        },
    ]

    private static let journalBoundCases = [
        Case("the oldest deliveries go while the journal is too large") { store in
            try await prepare(store)
            try await store.record((0..<6).map { refused(.notJSON, at: Double($0)) })
            let bytes = try await store.journalBytes()
            try expect(bytes >= 6 * JournalBound.rowBytes, "rows count for nothing: \(bytes)")
            let fitting = JournalBound(receivedBefore: Sample.at(-1), bytesMax: bytes)
            try expectEqual(try await store.pruneDeliveries(fitting, limit: 9), 0)
            let tight = JournalBound(receivedBefore: Sample.at(-1), bytesMax: bytes / 2)
            try expectEqual(try await store.pruneDeliveries(tight, limit: 2), 2)
            try expectEqual(try await store.pruneDeliveries(tight, limit: 9), 1)
            try expectEqual(try await store.pruneDeliveries(tight, limit: 9), 0)
            try expectEqual(try await store.journalBytes(), bytes / 2)
            let items = try await store.deliveries(DeliveryQuery()).items
            try expectEqual(items.map(\.receivedAt), [5, 4, 3].map { Sample.at($0) })
        },
        Case("deliveries go when they are too old, and no id comes twice") { store in
            try await prepare(store)
            try await store.record((0..<4).map { refused(.notJSON, at: Double($0)) })
            let newest = try unwrap(try await store.deliveries(DeliveryQuery()).items.first).id
            let aged = JournalBound(receivedBefore: Sample.at(2), bytesMax: .max)
            try expectEqual(try await store.pruneDeliveries(aged, limit: 9), 2)
            let all = JournalBound(receivedBefore: Sample.at(9), bytesMax: .max)
            try expectEqual(try await store.pruneDeliveries(all, limit: 9), 2)
            try expectEqual(try await store.delivery(newest), nil)
            try expectEqual(try await store.journalBytes(), 0)
            try await store.record([refused(.notJSON, at: 9)])
            let next = try unwrap(try await store.deliveries(DeliveryQuery()).items.first).id
            try expect((next.number ?? 0) > (newest.number ?? 0), "\(next) after \(newest)")
        },
        Case("what is no id of a delivery names none") { store in
            try await prepare(store)
            try await store.record([refused(.notJSON, at: 1)])
            for id in ["", "1", "dlv_", "dlv_0", "dlv_+1", "dlv_01", "dlv_1 ", "alt_1"] {
                try expectEqual(try await store.delivery(DeliveryID(id)), nil)
            }
        },
    ]

    private static func body(_ letter: Character, count: Int) -> [UInt8] {
        Array(String(repeating: letter, count: count).utf8)
    }

    private static func refused(
        _ reason: DeliveryRefusal, body: [UInt8] = [], at seconds: Double
    ) -> RefusedDelivery {
        RefusedDelivery(
            reason: reason, receivedAt: Sample.at(seconds), sourceID: Sample.sourceID,
            secretID: Sample.secretID, request: DeliveryRequest(peer: "192.0.2.1", body: body))
    }

    private static func replay(of original: DeliveryID) -> WebhookArrival {
        let sample = Sample.arrival("a", at: 9)
        var event = sample.event
        event.replayOf = original
        return WebhookArrival(
            sourceID: sample.sourceID, secretID: nil, event: event,
            newAlertID: sample.newAlertID, receivedAt: sample.receivedAt,
            request: DeliveryRequest(peer: "192.0.2.1", body: [1], replayOf: original))
    }
}
