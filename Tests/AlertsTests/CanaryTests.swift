import Testing

@testable import Alerts

@Suite struct CanaryTests {
    private static let start = Timestamp(milliseconds: 1_772_366_400_000)

    private static func canary(lastRunAt: Int? = nil, failing: Bool = false) -> Canary {
        var canary = Canary(interval: .seconds(600), enabledAt: start)
        canary.lastRun = lastRunAt.map { CanaryRun(startedAt: start + .seconds($0)) }
        if failing { canary.lastRun?.failure = CanaryRun.Failure(.confirm, "why") }
        return canary
    }

    @Test func `the first is due at once, each further one an interval later`() {
        #expect(Self.canary().isDue(at: Self.start))
        let canary = Self.canary(lastRunAt: 100)
        #expect(!canary.isDue(at: Self.start + .seconds(699)))
        #expect(canary.isDue(at: Self.start + .seconds(700)))
        // The clock was set back.
        #expect(canary.isDue(at: Self.start))
    }

    @Test(
        arguments: [
            (nil, 0, "waiting"), (nil, 1245, "waiting"), (nil, 1246, "late"),
            (100, 1345, "passed"), (100, 1346, "late"),
        ] as [(Int?, Int, String)])
    func `one that is not sent twice over is late`(lastRunAt: Int?, second: Int, expected: String) {
        let canary = Self.canary(lastRunAt: lastRunAt)
        #expect(canary.verdict(at: Self.start + .seconds(second)).name == expected)
    }

    @Test func `a failure is told as long as none has passed since`() {
        let canary = Self.canary(lastRunAt: 100, failing: true)
        let verdict = canary.verdict(at: Self.start + .seconds(9999))
        #expect(verdict == .failed(CanaryRun.Failure(.confirm, "why")))
        #expect(Canary.Verdict.names.contains(verdict.name))
    }

    @Test func `nothing of BigPanda's or of people's looks like a canary`() {
        let canary = SourceID(canaryFrom: "src_01kq3x8m2f9s7v4d6h0j5n1p8v")
        #expect(canary.text == "src_canary_01kq3x8m2f9s7v4d6h0j5n1p8v" && canary.isCanary)
        #expect(!SourceID("src_01kq3x8m2f9s7v4d6h0j5n1p8v").isCanary)
        #expect(CanaryRun.isCanary(incidentID: "canary-1f"))
        #expect(!CanaryRun.isCanary(incidentID: "681102f731824249f48df555"))
    }

    /// What one answer does to a close that is under way.
    private static func close(after answer: CloseMachine.CanaryAnswer) throws -> (
        close: Close, outcome: Outcome
    ) {
        var close = Close(
            id: CloseID("cls_1"), alertID: AlertID("alt_1"), requestedBy: "canary", comment: nil,
            at: start)
        close = try #require(CloseMachine.claim(close, at: start))
        let conclusion = CloseMachine.Conclusion(
            closeID: close.id, result: .canary(answer), environmentID: nil, at: start, fraction: 0)
        close.advance(by: conclusion)
        return (close, conclusion.result.outcome)
    }

    @Test func `a close that BigPanda does not know is read back at once, then confirmed`() throws {
        let sent = try Self.close(after: .unknown)
        #expect(sent.close.state == .sent && sent.close.nextAttemptAt == Self.start)
        #expect(sent.close.sentAt == Self.start && sent.outcome == .closeSent)
        let confirmed = try Self.close(after: .confirmed)
        #expect(confirmed.close.state == .confirmed && confirmed.outcome == .closeConfirmed)
    }

    @Test func `one that gets no further is owed to nobody`() throws {
        let refused = try Self.close(after: .refused(reason: "403"))
        #expect(refused.close.state == .cancelled && refused.outcome == .closeCancelled)
        #expect(refused.close.lastError == "403")
    }
}
