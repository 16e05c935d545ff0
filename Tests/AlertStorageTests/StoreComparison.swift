import Alerts
import GatewayTesting
import Testing

/// Whether two stores say the same to everything that can be asked.
enum StoreComparison {
    typealias Store = StoreContract.Store

    static func expectEqual(_ one: Store, _ other: Store) async throws {
        #expect(try await one.integrations() == other.integrations())
        for integration in try await one.integrations() {
            #expect(
                try await one.apiKey(of: integration.id) == other.apiKey(of: integration.id))
            let due = Timestamp(milliseconds: .max / 2)
            #expect(
                try await one.dueReadings(of: integration.id, at: due, limit: 500)
                    == other.dueReadings(of: integration.id, at: due, limit: 500))
        }
        #expect(try await one.sources() == other.sources())
        #expect(try await one.trafficProfiles() == other.trafficProfiles())
        #expect(try await one.canaries() == other.canaries())
        #expect(try await one.adminTokens() == other.adminTokens())
        let (audit, otherAudit) = (
            try await one.audit(AuditQuery()).items, try await other.audit(AuditQuery()).items
        )
        #expect(audit == otherAudit)
        #expect(try await one.statistics() == other.statistics())
        #expect(try await one.journalBytes() == other.journalBytes())
        #expect(
            try await one.nextCloseDueAt(excluding: []) == other.nextCloseDueAt(excluding: []))
        #expect(try await closes(of: one) == closes(of: other))
        try await expectEqualEndpoints(one, other)
        let everything = ChangeQuery(after: 0, limit: 1_000)
        let (changes, others) = (
            try await one.changes(everything), try await other.changes(everything)
        )
        #expect(!changes.changes.isEmpty)
        #expect(changes == others)
        try await expectEqualAlerts(one, other)
        try await expectEqualDeliveries(one, other)
    }

    private static func expectEqualEndpoints(_ one: Store, _ other: Store) async throws {
        let endpoints = try await one.endpoints()
        #expect(try await endpoints == other.endpoints())
        #expect(try await one.outboundStatistics() == other.outboundStatistics())
        for endpoint in endpoints {
            let messages = try await one.messages(MessageQuery(of: endpoint.id, limit: 500)).items
            #expect(
                try await messages
                    == other.messages(MessageQuery(of: endpoint.id, limit: 500)).items)
            for message in messages {
                #expect(
                    try await one.message(message.id, of: endpoint.id)
                        == other.message(message.id, of: endpoint.id))
            }
        }
    }

    private static func expectEqualAlerts(_ one: Store, _ other: Store) async throws {
        let subjects = try await alerts(of: one)
        #expect(!subjects.isEmpty)
        #expect(try await subjects == alerts(of: other))
        for subject in subjects {
            let id = subject.alert.id
            #expect(try await one.alert(id) == other.alert(id))
            #expect(
                try await one.timeline(of: id, limit: 500) == other.timeline(of: id, limit: 500))
            #expect(try await one.reading(of: id) == other.reading(of: id))
        }
    }

    private static func expectEqualDeliveries(
        _ one: Store, _ other: Store
    ) async throws {
        let list = try await deliveries(of: one)
        #expect(!list.isEmpty)
        #expect(try await list == deliveries(of: other))
        for delivery in list {
            #expect(try await one.delivery(delivery.id) == other.delivery(delivery.id))
        }
    }

    private static func alerts(of store: Store) async throws -> [AlertMachine.Subject] {
        try await pages { cursor in
            var query = AlertQuery()
            query.cursor = cursor
            return try await store.alerts(query)
        }
    }

    private static func closes(of store: Store) async throws -> [Close] {
        try await pages { cursor in
            var query = CloseQuery()
            query.cursor = cursor
            return try await store.closes(query)
        }
    }

    private static func deliveries(of store: Store) async throws -> [Delivery] {
        try await pages { cursor in
            var query = DeliveryQuery()
            query.cursor = cursor
            return try await store.deliveries(query)
        }
    }

    private static func pages<Item>(
        _ page: (PageCursor?) async throws -> Page<Item>
    ) async throws -> [Item] {
        var (items, cursor): ([Item], PageCursor?) = ([], nil)
        repeat {
            let found = try await page(cursor)
            items += found.items
            cursor = found.next
        } while cursor != nil
        return items
    }
}
