import Alerts
import Compression
import EventLoop
import Postgres

extension PostgresCore {
    /// All integrations, by name.
    func integrations() async throws(StoreError) -> [Integration] {
        let what = "Reading integrations"
        let results = try await read(what, [PostgresQuery(PostgresTransaction.integrations)])
        return try rows(results[0], what) { (row) throws(PostgresError) in
            try row.readIntegration(documents)
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The sealed key of an integration.
    func sealedKey(of id: IntegrationID) async throws(StoreError) -> [UInt8]? {
        let results = try await read(
            "Reading an API key", [PostgresQuery(PostgresReading.sealedKey, [.text(id.text)])])
        guard var row = results[0].first else { return nil }
        return row.readBlob()
    }

    /// All sources in use, by name.
    func sources() async throws(StoreError) -> [Source] {
        let results = try await read(
            "Reading sources",
            [
                PostgresQuery(PostgresReading.secrets), PostgresQuery(PostgresReading.sources),
                PostgresQuery(PostgresUses.all),
            ])
        var secrets: [Int64: [SourceSecret]] = [:]
        for var row in results[0].rows {
            secrets[row.readInt64(), default: []].append(row.readSecret())
        }
        var sources: [Source] = []
        let uses = PostgresUses(results[2])
        for var row in results[1].rows {
            let key = row.readInt64()
            var source = row.readSource(secrets: secrets[key] ?? [])
            uses.complete(&source, key: key)
            sources.append(source)
        }
        return sources.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Deliveries by filter, newest first.
    func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> Page<Delivery> {
        let what = "Listing deliveries"
        let results = try await read(what, [PostgresReading.deliveries(query)])
        let found = try rows(results[0], what) { (row) throws(PostgresError) in
            try row.readDelivery()
        }
        let items = Array(found.prefix(query.limit))
        let next = found.count > items.count ? items.last?.id.number : nil
        return Page(items: items, next: next.map { PageCursor(sequence: $0) })
    }

    /// One delivery with what was sent.
    func delivery(_ id: DeliveryID) async throws(StoreError) -> KeptDelivery? {
        guard let number = id.number else { return nil }
        let what = "Reading a delivery"
        let results = try await read(
            what, [PostgresQuery(PostgresReading.keptDelivery, [.int(number)])])
        return try rows(results[0], what) { (row) throws(PostgresError) in
            let delivery = try row.readDelivery()
            let (headerCount, bodyCount) = (Int(row.readInt64()), row.readInt64IfAny())
            let (start, blockCount) = (Int(row.readInt64()), Int(row.readInt64()))
            let block = try Self.expand(row.readBlob(), count: blockCount)
            let bodyStart = start + headerCount
            let end = bodyStart + Int(bodyCount ?? 0)
            guard 0 <= start, start <= bodyStart, bodyStart <= end, end <= block.count else {
                throw PostgresError(corrupt: "a delivery's content lies outside its block")
            }
            return KeptDelivery(
                delivery: delivery,
                request: DeliveryRequest(
                    peer: delivery.peer, headerLines: Array(block[start..<bodyStart]),
                    body: bodyCount.map { _ in Array(block[bodyStart..<end]) },
                    bytes: delivery.bytes, replayOf: delivery.replayOf))
        }.first
    }

    /// The bytes that the journal counts as stored.
    func journalBytes() async throws(StoreError) -> Int {
        let results = try await read(
            "Measuring the journal", [PostgresQuery(PostgresReading.journalBytes)])
        return Int(results[0].numbers.first ?? 0)
    }

    /// What was compressed is shorter than what it stands for; anything else is there as it is.
    private static func expand(_ content: [UInt8], count: Int) throws(PostgresError) -> [UInt8] {
        guard content.count != count else { return content }
        do throws(CompressionError) {
            return try Decompressor.decompress(content, count: count)
        } catch {
            throw PostgresError(corrupt: "a block of deliveries: \(error)")
        }
    }
}
