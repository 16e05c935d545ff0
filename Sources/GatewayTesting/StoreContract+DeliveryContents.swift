import Alerts

extension StoreContract {
    static let journalContentCases = [
        Case("deliveries of one batch each keep what was sent in them") { store in
            try await prepare(store)
            let requests = contents.map { request(header: $0.header, body: $0.body) }
            let results = try await store.apply(
                requests.enumerated().map { index, request in
                    Sample.arrival("i\(index)", .new, at: 3, request: request)
                })
            for (request, result) in zip(requests, results) {
                let kept = try unwrap(try await store.delivery(result.deliveryID))
                try expectEqual(kept.request, request)
            }
        },
        Case("a delivery keeps its content when those stored with it are gone") { store in
            try await prepare(store)
            let requests = contents.map { request(header: $0.header, body: $0.body) }
            let results = try await store.apply(
                requests.enumerated().map { index, request in
                    Sample.arrival("i\(index)", .new, at: Double(index), request: request)
                })
            for count in 1...requests.count {
                let aged = JournalBound(receivedBefore: Sample.at(Double(count)), bytesMax: .max)
                try expectEqual(try await store.pruneDeliveries(aged, limit: 9), 1)
                for index in requests.indices {
                    let kept = try await store.delivery(results[index].deliveryID)
                    try expectEqual(kept?.request, index < count ? nil : requests[index])
                }
            }
            try expectEqual(try await store.journalBytes(), 0)
        },
        Case("nothing of a transaction that failed gets into the next") { store in
            try await prepare(store)
            let unknown = WebhookArrival(
                sourceID: SourceID("src_unknown"), secretID: nil,
                event: Sample.arrival("a", .new).event, newAlertID: AlertID("alrt_x"),
                receivedAt: Sample.at(1), request: request(header: 3, body: 40))
            let good = Sample.arrival("b", .new, at: 1, request: request(header: 5, body: 60))
            _ = try await expectError { _ = try await store.apply([good, unknown]) }
            let result = try unwrap(try await store.apply([good]).first)
            let items = try await store.deliveries(DeliveryQuery()).items
            try expectEqual(items.map(\.id), [result.deliveryID])
            let kept = try unwrap(try await store.delivery(result.deliveryID))
            try expectEqual(kept.request, good.request)
        },
    ]

    /// Lengths around nothing, and such that the third alone is larger than others together.
    private static let contents: [(header: Int, body: Int?)] = [
        (10, 900), (0, 0), (20, 150_000), (30, nil), (0, 40_000), (5, 40_000), (7, 1),
    ]

    private static func request(header: Int, body: Int?) -> DeliveryRequest {
        DeliveryRequest(
            peer: "192.0.2.1", headerLines: bytes(header, from: header),
            body: body.map { bytes($0, from: $0 / 7) })
    }

    /// Bytes that differ from those of other lengths.
    private static func bytes(_ count: Int, from first: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: first + $0 / 3) }
    }
}
