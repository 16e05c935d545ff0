package import Alerts

extension StoreContract {
    /// Values that the promises, and the tests of single stores, share.
    package enum Sample {
        /// 2026-05-01T08:00:00Z.
        package static let start = Timestamp(milliseconds: 1_777_622_400_000)
        /// The integration that `prepare` adds.
        package static let integrationID = IntegrationID("int_1")
        /// The source that `prepare` adds.
        package static let sourceID = SourceID("src_1")
        /// The secret of that source.
        package static let secretID = SecretID("sec_1")

        /// `seconds` after the start.
        package static func at(_ seconds: Double) -> Timestamp {
            Timestamp(milliseconds: start.milliseconds + Int64(seconds * 1000))
        }

        /// An integration, connected.
        package static func integration(
            _ id: IntegrationID = integrationID, name: String = "Production"
        ) -> Integration {
            Integration(
                id: id, name: name,
                endpoint: .init(region: "us", baseURL: "https://api.bigpanda.example"),
                environmentID: nil,
                environments: [.init(id: "env-1", name: "Naïve \"env\"")], keySuffix: "-key",
                keyExpiresAt: at(1_000_000), at: start)
        }

        /// A source with one secret.
        package static func source(
            _ id: SourceID = sourceID, of integration: IntegrationID = integrationID,
            name: String = "BigPanda", secret: SecretID = secretID
        ) -> Source {
            Source(
                id: id, integrationID: integration, name: name,
                secret: SourceSecret(
                    id: secret, hash: [UInt8](repeating: 7, count: 32), createdAt: start),
                at: start)
        }

        /// A webhook about `incident`, with a fingerprint of its own unless one is given.
        package static func arrival(
            _ incident: String, _ name: EventName = .other, active: Bool? = true,
            changedOn: Double? = nil, source: SourceID = sourceID, secret: SecretID = secretID,
            fingerprint: UInt64? = nil, at seconds: Double = 0,
            request: DeliveryRequest = DeliveryRequest(peer: "192.0.2.1", body: [0x7b, 0x7d]),
            audit: [AuditEntry] = [],
            _ adjust: (inout WebhookEvent) -> Void = { _ in }
        ) -> WebhookArrival {
            var event = WebhookEvent(
                incidentID: incident, name: name,
                fingerprint: Fingerprint(
                    high: .max, low: fingerprint ?? .random(in: 1000...UInt64.max)),
                times: EventTimes(changedOn: changedOn.map { at($0) }))
            event.active = active
            adjust(&event)
            return WebhookArrival(
                sourceID: source, secretID: secret, event: event,
                newAlertID: AlertID("alrt_\(source)_\(incident)"), receivedAt: at(seconds),
                request: request, audit: audit)
        }

        /// The id that `arrival` gives to a new alert.
        package static func alertID(_ incident: String, source: SourceID = sourceID) -> AlertID {
            AlertID("alrt_\(source)_\(incident)")
        }

        /// A person's wish to resolve the alert of `incident`.
        package static func request(
            _ incident: String, close: String? = nil, comment: String? = "done"
        ) -> AlertMachine.ResolveRequest {
            AlertMachine.ResolveRequest(
                alertID: alertID(incident), requestedBy: "ada", comment: comment,
                newCloseID: CloseID(close ?? "cls_\(incident)"))
        }

        /// What a call for the close of `incident` came to.
        package static func conclusion(
            _ incident: String, _ result: CloseMachine.Result, at seconds: Double,
            environmentID: String? = nil
        ) -> CloseMachine.Conclusion {
            CloseMachine.Conclusion(
                closeID: CloseID("cls_\(incident)"), result: result,
                environmentID: environmentID, at: at(seconds), fraction: 0.5)
        }
    }

    /// Adds an integration and a source.
    package static func prepare(_ store: Store) async throws {
        try await store.insert(Sample.integration(), key: APIKey("BPU-sample-key"))
        try await store.insert(Sample.source())
    }

    /// Adds alerts that were resolved here, in order, `gap` seconds apart from second 10 on.
    package static func resolve(
        _ incidents: [String], gap: Double = 1, in store: Store
    ) async throws {
        for (index, incident) in incidents.enumerated() {
            _ = try await store.apply([Sample.arrival(incident, .new)])
            _ = try await store.resolve(
                Sample.request(incident), at: Sample.at(10 + gap * Double(index)))
        }
    }
}
