import Alerts
import EventLoop
import Postgres

extension PostgresTransaction {
    private static let takeLease = PostgresText(
        """
        INSERT INTO leases(name, holder, ends_at)
        VALUES ($1, $2, \(PostgresTables.clock) + $3::bigint)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
        WHERE leases.holder = excluded.holder OR leases.ends_at <= \(PostgresTables.clock)
        """)
    private static let giveLease = PostgresText(
        "DELETE FROM leases WHERE name = $1 AND holder = $2")

    /// Takes a lease, or prolongs one.
    ///
    /// - Returns: Whether it is held once this is committed.
    func takeLease(
        _ name: LeaseName, for holder: ReplicaID, lasting duration: Duration
    ) async throws(PostgresError) -> Bool {
        let values: [PostgresValue] = [
            .text(name.rawValue), .text(holder.text), .int(Int64(duration.milliseconds)),
        ]
        return try await run([PostgresQuery(Self.takeLease, values)])[0].changesCount == 1
    }

    /// Gives a lease back, if it is held.
    func giveLease(_ name: LeaseName, of holder: ReplicaID) {
        add(PostgresQuery(Self.giveLease, [.text(name.rawValue), .text(holder.text)]))
    }
}

extension PostgresTransaction {
    private static let makePlaces = PostgresText(
        """
        INSERT INTO call_places(integration_id, place, ticket, is_running, free_at)
        SELECT $1::text, place, 0, false, 0
        FROM generate_series(0, \(RateBudget.callsMax - 1)) AS place
        ON CONFLICT DO NOTHING
        """)
    private static let lockPlaces = PostgresText(
        """
        SELECT place, ticket, is_running, free_at FROM call_places WHERE integration_id = $1
        ORDER BY place FOR UPDATE
        """)
    /// Asked after the rows are locked: a clock that was read before the wait for them is late.
    private static let clock = PostgresText("SELECT \(PostgresTables.clock)")
    private static let takePlace = PostgresText(
        """
        UPDATE call_places SET ticket = $3::bigint, is_running = true, free_at = $4::bigint
        WHERE integration_id = $1 AND place = $2::bigint
        """)
    /// What is lost with a server that breaks down is free a little later.
    private static let withoutDisk = PostgresText("SET LOCAL synchronous_commit TO off")
    private static let givePlace = PostgresText(
        """
        UPDATE call_places SET is_running = false,
            free_at = \(PostgresTables.clock) + $3::bigint
        WHERE integration_id = $1 AND ticket = $2::bigint AND is_running
        """)
    private static let forgetPlaces = PostgresText(
        "DELETE FROM call_places WHERE free_at < \(PostgresTables.clock) - 3600000")

    /// Takes a place for a call, if one is free; waits for who is just deciding about the same.
    func takePlace(for id: IntegrationID) async throws(PostgresError) -> CallPlaces.Decision {
        let name = PostgresValue.text(id.text)
        let results = try await run([
            PostgresQuery(Self.makePlaces, [name]), PostgresQuery(Self.lockPlaces, [name]),
            PostgresQuery(Self.clock),
        ])
        var numbers: [Int64] = []
        var stored: [CallPlaces.Place] = []
        for var row in results[1].rows {
            numbers.append(row.readInt64())
            let ticket = CallPlaces.Ticket(row.readInt64())
            stored.append(
                CallPlaces.Place(
                    ticket: ticket, isRunning: row.readBool(), freeAt: row.readTime()))
        }
        guard let now = results[2].numbers.first else { throw PostgresError(corrupt: "no clock") }
        var places = CallPlaces(stored)
        let (decision, index) = places.take(at: Timestamp(milliseconds: now))
        if let index {
            let place = places.places[index]
            add(
                PostgresQuery(
                    Self.takePlace,
                    [
                        name, .int(numbers[index]), .int(place.ticket.number),
                        .int(place.freeAt.milliseconds),
                    ]))
        }
        return decision
    }

    /// Gives back the place of a call that has ended.
    func givePlace(
        _ ticket: CallPlaces.Ticket, for id: IntegrationID
    ) async throws(PostgresError) {
        let epoch = Timestamp(milliseconds: 0)
        let wait = CallPlaces.release(ofCallEndedAt: epoch).milliseconds
        let values: [PostgresValue] = [.text(id.text), .int(ticket.number), .int(wait)]
        _ = try await run([
            PostgresQuery(Self.withoutDisk), PostgresQuery(Self.givePlace, values),
        ])
    }

    /// Forgets the places of integrations that nobody has called for an hour.
    func forgetPlaces() { add(PostgresQuery(Self.forgetPlaces)) }
}

extension PostgresTransaction {
    private static let renew = PostgresText(
        """
        UPDATE closes SET lease_ends_at = \(PostgresTables.leaseClock("$3")) + $4::bigint
        WHERE id = $1 AND fence = $2::bigint AND state = 'sending'
        """)

    /// Prolongs a claim.
    ///
    /// - Returns: Whether it still stood.
    func renew(
        _ claimed: ClaimedClose, at now: Timestamp
    ) async throws(PostgresError) -> Bool {
        let values: [PostgresValue] = [
            .text(claimed.close.id.text), .int(ifAny: claimed.fence), core.leaseTime(now),
            .int(Int64(CloseMachine.lease.milliseconds)),
        ]
        return try await run([PostgresQuery(Self.renew, values)])[0].changesCount == 1
    }
}
