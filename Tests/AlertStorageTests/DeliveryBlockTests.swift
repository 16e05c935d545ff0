import Alerts
import GatewayTesting
import SQLite
import Testing

@testable import AlertStorage

@Suite struct DeliveryBlockTests {
    private static func request(_ count: Int) -> DeliveryRequest {
        DeliveryRequest(headerLines: [1, 2, 3], body: [UInt8](repeating: 9, count: count - 3))
    }

    private static func append(_ count: Int, key: Int64, to block: inout DeliveryBlock) {
        let entry = DeliveryBlock.Entry(
            key: key, receivedAt: Timestamp(milliseconds: 0), sourceKey: nil, secretID: nil,
            verdict: .accepted(.created), incidentID: nil, alertID: nil)
        block.append(entry, request(count))
    }

    @Test func `a block is full before it grows beyond its bound`() {
        var block = DeliveryBlock()
        Self.append(StorageLimits.blockBytesMax - 10, key: 1, to: &block)
        #expect(!block.isTooFull(for: Self.request(10)))
        #expect(block.isTooFull(for: Self.request(11)))
        Self.append(10, key: 2, to: &block)
        #expect(block.rows.map(\.start) == [0, StorageLimits.blockBytesMax - 10])
        #expect(block.content.count == StorageLimits.blockBytesMax)
        #expect(block.isTooFull(for: Self.request(4)))
    }

    @Test func `an empty block takes one delivery however large`() {
        var block = DeliveryBlock()
        #expect(!block.isTooFull(for: Self.request(StorageLimits.blockBytesMax * 100)))
        Self.append(100, key: 1, to: &block)
        block.removeAll()
        #expect(block.rows.isEmpty && block.content.isEmpty)
        #expect(!block.isTooFull(for: Self.request(StorageLimits.blockBytesMax * 100)))
    }

    @Test func `what is stored together lies in blocks of bounded size`() async throws {
        let fixture = Fixture()
        let store = try await fixture.open()
        try await StoreContract.prepare(store)
        _ = try await store.apply(
            (0..<9).map { index in
                StoreContract.Sample.arrival("i\(index)", .new, request: Self.request(30_000))
            })
        #expect(try await Self.blocks(in: store) == [60_000, 5])
        await store.close()
    }

    @Test func `a block goes with the last delivery in it`() async throws {
        let fixture = Fixture()
        let store = try await fixture.open()
        try await StoreContract.prepare(store)
        for index in 0..<3 {
            _ = try await store.apply([
                StoreContract.Sample.arrival("a\(index)", .new, at: 1),
                StoreContract.Sample.arrival("b\(index)", .new, at: 1),
            ])
        }
        let all = JournalBound(receivedBefore: StoreContract.Sample.at(2), bytesMax: .max)
        var counts: [Int64] = []
        while try await store.pruneDeliveries(all, limit: 1) > 0 {
            counts.append(try await Self.blocks(in: store)[1])
        }
        #expect(counts == [3, 2, 2, 1, 1, 0])
        await store.close()
    }

    /// The length of the longest block's content, and how many blocks there are.
    private static func blocks(in store: SQLiteStore) async throws -> [Int64] {
        try await store.withWriterConnection { (connection) throws(SQLiteError) in
            var select = try connection.prepare(
                "SELECT max(content_bytes), count(*) FROM delivery_blocks")
            _ = try select.step()
            return [select.int64(at: 0), select.int64(at: 1)]
        }
    }
}
