import Alerts
import GatewayTesting
import Testing

@testable import AlertStorage

extension StoreTransferTests {
    /// Something of everything: alerts in both states, timelines, closes in several states,
    /// secrets that are rotated, a removed source, accepted and refused deliveries, odd texts.
    func fill() async throws {
        let store = try await sqlite.open()
        try await StoreContract.prepare(store)
        try await fillEndpoints(of: store)
        let token = AdminToken(
            id: "tok_1", name: "ann", role: .operator, hash: Array(0..<32), at: Sample.at(0))
        let actor = AuditActor(.session, name: "bob", sessionID: "ses_1", peer: "192.0.2.1")
        try await AuditTrail.$entry.withValue(
            AuditEntry(at: Sample.at(0), actor, .tokenCreate, token.id, fields: ["name", "role"])
        ) { try await store.insert(token) }
        try await store.noteUse(ofToken: token.id, at: Sample.at(9))
        let removed = IntegrationID("int_removed")
        try await store.insert(Sample.integration(removed, name: "Removed"), key: APIKey("gone"))
        #expect(try await store.removeIntegration(removed) == .removed)
        var rotated = Sample.source()
        rotated.secrets.append(
            SourceSecret(id: SecretID("sec_2"), hash: Array(0..<32), createdAt: Sample.at(1)))
        rotated.secrets[0].expiresAt = Sample.at(90_000)
        rotated.isWatchedForQuiet = false
        try await store.update(rotated)
        var profile = TrafficProfile()
        for day in 0..<3 { profile.observe(count: day, at: Sample.at(Double(day) * 600)) }
        try await store.write([rotated.id: profile])
        try await store.setCanary(.seconds(60), of: Sample.integrationID, at: Sample.at(1))
        var run = CanaryRun(startedAt: Sample.at(2))
        run.failure = CanaryRun.Failure(.webhook, "refused")
        try await store.record(run, of: Sample.integrationID)
        try await store.insert(
            Sample.source(SourceID("src_2"), name: "Removed", secret: SecretID("sec_3")))
        _ = try await store.apply([
            Sample.arrival(
                "gone", .new, source: SourceID("src_2"), secret: SecretID("sec_3"), at: 2)
        ])
        _ = try await store.removeSource(SourceID("src_2"), at: Sample.at(3))
        try await StoreContract.resolve(["pending", "sent", "confirmed", "failed"], in: store)
        _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(40), limit: 9))
        _ = try await store.conclude(
            Sample.conclusion("pending", .delayed(reason: "503", retryAfter: nil), at: 41))
        for name in ["sent", "confirmed"] {
            _ = try await store.conclude(
                Sample.conclusion(name, .accepted(isAlreadyClosed: false), at: 42))
        }
        _ = try await store.apply([
            Sample.arrival("confirmed", .closed, active: false, changedOn: 43, at: 44),
            Sample.arrival("firing", .new, changedOn: 45, at: 46) { event in
                event.title = "NUL \0 and \u{10FFFD} and \"quotes\"' \\ ü 🐼"
            },
            Sample.arrival("firing", changedOn: 40, at: 47),
        ])
        _ = try await store.cancelClose(
            CloseID("cls_failed"), by: Actor(.user, name: "grace"), at: Sample.at(48))
        for number in 0..<40 {
            let body = Array("{\"n\": \(number)}".utf8) + [UInt8](repeating: 0x20, count: 9_000)
            let request = DeliveryRequest(peer: "192.0.2.\(number)", body: body)
            _ = try await store.apply([
                Sample.arrival("many", at: 50 + Double(number), request: request)
            ])
        }
        try await store.record([
            RefusedDelivery(
                reason: .notJSON, receivedAt: Sample.at(99), sourceID: Sample.sourceID,
                secretID: Sample.secretID,
                request: DeliveryRequest(peer: "::1", body: [0xff, 0, 1]))
        ])
        await store.close()
    }

    /// Endpoints with what they are told: one of them in the middle of a rotation.
    private func fillEndpoints(of store: SQLiteStore) async throws {
        for name in ["paging", "chat"] {
            let endpoint = OutboundEndpoint(
                id: EndpointID("whe_\(name)"), name: name, url: "https://\(name).example/",
                events: OutboundEvent.standard, at: Sample.at(0))
            try await store.insert(endpoint, secret: SigningSecret("whsec_\(name)"))
        }
        _ = try await store.rotate(
            EndpointID("whe_chat"), to: SigningSecret("whsec_new"), overlapEndsAt: Sample.at(500),
            at: Sample.at(1))
        _ = try await store.apply([
            Sample.arrival("told", .new, at: 2) { $0.title = "NUL \0 and \u{10FFFD}" }
        ])
        for round in try await store.claimMessages(
            OutboundClaim(at: Sample.at(3), roundsMax: 1, messagesMax: 9))
        {
            _ = try await store.conclude(
                Sample.attempts(
                    round, [.failed(reason: "500", statusCode: 500)], at: 3))
        }
    }
}
