import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import GatewayApp

/// What incidents that are read back count as.
@Suite struct ReadingMetricsTests {
    /// An incident as BigPanda knows it, and what reading it back once counts as.
    struct Case: Sendable {
        var incidents: [String: Bool] = [:]
        var failures: [CallFailure] = []
        var absences: [String: IncidentAbsence] = [:]
        /// How long before the alert's newest webhook BigPanda's word is from.
        var age: Duration?
        var reading: Metrics.Reading
        var isCorrected = false
    }

    @Test(arguments: [
        Case(incidents: ["inc": true], reading: .unchanged),
        Case(incidents: ["inc": false], reading: .corrected, isCorrected: true),
        Case(incidents: ["inc": false], age: .seconds(60), reading: .outdated),
        Case(absences: ["inc": .mergedAway], reading: .absent, isCorrected: true),
        Case(reading: .absent),
        Case(failures: [.refused(reason: "422")], reading: .failed),
        Case(failures: [.unknown(reason: "Reset")], reading: .failed),
    ])
    func `a reading counts once, by what it came to`(reading: Case) async throws {
        try await LoopFixture.run {
            let newest = DirectorySamples.now - .seconds(600)
            let told = reading.age.map { EventTimes(changedOn: newest - $0) } ?? EventTimes()
            let api = ScriptedIncidents(
                reading.incidents, failures: reading.failures, absences: reading.absences,
                times: told)
            let fixture = try await ReconcilerFixture(api, firing: [])
            try await fixture.push("inc", .new, times: EventTimes(changedOn: newest))
            try await fixture.tick(after: 300)
            for other in Metrics.Reading.allCases {
                let count = fixture.metrics.total(other)
                #expect(count == (other == reading.reading ? 1 : 0), "\(other)")
            }
            #expect(fixture.metrics.corrections(to: .resolved) == (reading.isCorrected ? 1 : 0))
            #expect(fixture.metrics.corrections(to: .firing) == 0)
            fixture.end()
        }
    }
}
