package import Alerts
import SQLite

extension SQLiteStore: DeliveryStore {
    /// Adds refused webhooks in one transaction, in order.
    package func record(_ refused: [RefusedDelivery]) async throws(StoreError) {
        try await write("Storing refused webhooks") { (session) throws(SQLiteError) in
            try session.record(refused)
        }
    }

    /// Deliveries by filter, newest first.
    package func deliveries(
        _ query: DeliveryQuery
    ) async throws(StoreError) -> Page<Delivery> {
        try await read("Listing deliveries") { (session) throws(SQLiteError) in
            try session.deliveries(query)
        }
    }

    /// One delivery with what was sent.
    package func delivery(_ id: DeliveryID) async throws(StoreError) -> KeptDelivery? {
        try await read("Reading a delivery") { (session) throws(SQLiteError) in
            try session.delivery(id)
        }
    }

    /// Removes the oldest deliveries, in one transaction.
    package func pruneDeliveries(
        _ bound: JournalBound, limit: Int
    ) async throws(StoreError) -> Int {
        try await write("Pruning deliveries") { (session) throws(SQLiteError) in
            try session.pruneDeliveries(bound, limit: limit)
        }
    }

    /// The bytes that the journal counts as stored.
    package func journalBytes() async throws(StoreError) -> Int {
        try await read("Measuring the journal") { (session) throws(SQLiteError) in
            Int(try session.count("deliveries.bytes"))
        }
    }
}
