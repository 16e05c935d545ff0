import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import AlertStorage

/// What gateways on one database agree by.
@Suite struct PostgresCoordinationTests {
    private typealias Sample = StoreContract.Sample
    private static let (ada, eve) = (ReplicaID("ada"), ReplicaID("eve"))

    @Test func `a lease is one replica's until it ends or is given back`() async throws {
        try await PostgresFixture.withReplicas { fixture, first, second in
            let long = Duration.seconds(60)
            #expect(try await first.takeLease(.upkeep, for: Self.ada, lasting: long))
            #expect(try await !second.takeLease(.upkeep, for: Self.eve, lasting: long))
            #expect(try await first.takeLease(.upkeep, for: Self.ada, lasting: long))
            try await second.giveLease(.upkeep, of: Self.eve)
            #expect(try await !second.takeLease(.upkeep, for: Self.eve, lasting: long))
            try await first.giveLease(.upkeep, of: Self.ada)
            #expect(try await second.takeLease(.upkeep, for: Self.eve, lasting: long))
            // By the server's clock.
            try await fixture.run("UPDATE leases SET ends_at = ends_at - 60001")
            #expect(try await first.takeLease(.upkeep, for: Self.ada, lasting: long))
        }
    }

    @Test func `of many that want a lease at once one gets it`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<12 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask {
                        try await store.takeLease(
                            .upkeep, for: ReplicaID("\(number)"), lasting: .seconds(60))
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test func `replicas that ask at once share five places, and four run`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            let id = IntegrationID("int_new")
            let tickets = try await withThrowingTaskGroup(of: CallPlaces.Decision.self) { group in
                for number in 0..<12 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask { try await store.takePlace(for: id) }
                }
                return try await group.reduce(into: [CallPlaces.Ticket]()) { tickets, decision in
                    if case .start(let ticket) = decision { tickets.append(ticket) }
                }
            }
            #expect(Set(tickets).count == 4 && tickets.count == 4)
            #expect(try await second.takePlace(for: id) == .waitForCompletion)
            for ticket in tickets { try await second.givePlace(ticket, for: id) }
            guard case .start = try await first.takePlace(for: id) else {
                Issue.record("the fifth place is free")
                return
            }
            guard case .wait(let wait) = try await first.takePlace(for: id) else {
                Issue.record("a sixth call started")
                return
            }
            #expect(wait > .zero && wait <= .milliseconds(1001))
            // Another integration has a budget of its own.
            #expect(
                try await first.takePlace(for: IntegrationID("int_2"))
                    == .start(CallPlaces.Ticket(1)))
        }
    }

    @Test func `a claim is prolonged as long as it stands`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            try await StoreContract.resolve(["a"], in: first)
            let claim = CloseClaim(at: Sample.at(20), limit: 1)
            let claimed = try #require(try await first.claimDueCloses(claim).first)
            #expect(try await first.renew(claimed, at: Sample.at(40)))
            #expect(try await second.recoverInterruptedCloses(at: Sample.at(64)) == 0)
            #expect(try await second.recoverInterruptedCloses(at: Sample.at(65)) == 1)
            #expect(try await !first.renew(claimed, at: Sample.at(66)))
            let claimedAnew = try #require(
                try await second.claimDueCloses(CloseClaim(at: Sample.at(71), limit: 1)).first)
            #expect(try await !first.renew(claimed, at: Sample.at(72)))
            #expect(try await second.renew(claimedAnew, at: Sample.at(72)))
        }
    }

    @Test func `claims count by the server's clock`() async throws {
        try await PostgresFixture.test { fixture in
            let store = try await fixture.open(leaseClock: .server)
            try await StoreContract.prepare(store)
            try await StoreContract.resolve(["a"], in: store)
            // Whatever the caller's clock says.
            let claimed = try await store.claimDueCloses(CloseClaim(at: Sample.at(20), limit: 1))
            #expect(claimed.count == 1)
            let later = Timestamp(milliseconds: Int64.max / 2)
            #expect(try await store.recoverInterruptedCloses(at: later) == 0)
            try await fixture.run("UPDATE closes SET lease_ends_at = lease_ends_at - 25001")
            #expect(try await store.recoverInterruptedCloses(at: Sample.at(20)) == 1)
            await store.close()
        }
    }
}
