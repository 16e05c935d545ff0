import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import BigPanda

@Suite struct ReconcileCallTests {
    @Test func `open incidents are asked for by folder and page`() async throws {
        try await LoopFixture.run {
            let script = Script(
                200, #"{"total":101,"items":[{"id":"a","active":true},{"id":"b","active":false}]}"#)
            let answer = await script.client.openIncidents(
                environmentID: Known.environment, page: 2)
            let page = try answer.get()
            #expect(page.total == 101)
            #expect(page.incidents.map(\.id) == ["a", "b"])
            #expect(page.incidents.map(\.reading.isActive) == [true, false])
            let path = script.requests.first?.path ?? ""
            #expect(
                path == "/resources/v2.0/environments/\(Known.environment)/incidents"
                    + "?page=2&page_size=100&sort_by=last_change&folder=active")
        }
    }

    @Test(
        arguments: [
            (#"[{"type":"incident_merged_source"}]"#, IncidentAbsence.mergedAway),
            (#"{"items":[{"type":"incident_resolved_api"}]}"#, .closed),
            (#"[{"type":"incident_resolved_by_alerts"}]"#, .closed),
            (#"[{"type":"incident_resolved_ui_manually"}]"#, .closed),
            (#"[{"type":"incident_reopen"},{"type":"incident_resolved_api"}]"#, .unexplained),
            (#"[{"type":"incident_merged_source"},{"type":"incident_reopen"}]"#, .mergedAway),
            (#"[{"type":"incident_commented"},{"type":"incident_resolved_api"}]"#, .closed),
            (#"{"items":[]}"#, .unexplained), ("[]", .unexplained),
            (#"[{"type":7},{},null]"#, .unexplained),
        ])
    func `the newest activity that tells decides`(
        body: String, expected: IncidentAbsence
    ) async throws {
        try await LoopFixture.run {
            let script = Script(200, body)
            #expect(await script.client.absence(of: Known.incident) == .success(expected))
        }
    }

    @Test func `activities are asked for without an environment`() async throws {
        try await LoopFixture.run {
            let script = Script(200, "[]")
            _ = await script.client.absence(of: "a/b")
            let path = script.requests.first?.path ?? ""
            #expect(path.hasPrefix("/resources/v2.0/incidents/a%2Fb/activities?types=incident_"))
            #expect(path.contains("incident_merged_source"))
        }
    }

    @Test func `activities that can't be had are a failure`() async throws {
        try await LoopFixture.run {
            #expect(
                await Script(404).client.absence(of: Known.incident) == .failure(.notFound))
            #expect(
                await Script(200, "{}").client.absence(of: Known.incident).failure != nil)
            let script = Script(200, "[]")
            #expect(await script.client.absence(of: "..") == .failure(.notFound))
            #expect(script.requests.isEmpty)
        }
    }
}
