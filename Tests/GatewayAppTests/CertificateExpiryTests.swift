import Alerts
import Testing

@testable import GatewayApp

@Suite struct CertificateExpiryTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let day = Duration.seconds(86_400)

    private static func expiry(days: Double, of lifetime: Double = 90) -> CertificateExpiry {
        CertificateExpiry(end: now + day * days, lifetime: day * lifetime)
    }

    @Test(arguments: [
        (31, nil), (30, KeyExpiry.within30Days), (7.1, .within30Days), (7, .within7Days),
        (1.1, .within7Days), (1, .within1Day), (0.01, .within1Day), (0, .expired), (-1, .expired),
    ])
    func `it is told 30, 7 and 1 days ahead`(days: Double, expected: KeyExpiry?) {
        let expiry = Self.expiry(days: days)
        #expect(expiry.urgency(at: Self.now) == expected)
        #expect((expiry.words(at: Self.now) == nil) == (expected == nil))
    }

    @Test(arguments: [
        (3.0, nil), (2.1, nil), (2, KeyExpiry.within7Days), (0.5, .within1Day), (-0.1, .expired),
    ])
    func `a short life is no news until a third of it is left`(
        days: Double, expected: KeyExpiry?
    ) {
        #expect(Self.expiry(days: days, of: 6).urgency(at: Self.now) == expected)
    }

    @Test func `each is news once, and the words say how long`() {
        var expiry = Self.expiry(days: 40)
        var told: [String] = []
        for hour in 0..<(42 * 24) {
            if let news = expiry.news(at: Self.now + .seconds(Int64(hour) * 3600)) {
                told.append(news)
            }
        }
        #expect(
            told == [
                "the TLS certificate ends in 30 days", "the TLS certificate ends in 7 days",
                "the TLS certificate ends within a day",
                "the TLS certificate ended at 2027-02-24T08:00:00.000Z",
            ])
    }

    @Test func `doctor fails a week ahead`() {
        func finding(_ days: Double) -> SecretsExamination.Finding {
            CertificateExamination.judge(Self.expiry(days: days), at: Self.now)
        }
        #expect(finding(60) == (true, "TLS certificate", "it ends in 60 days"))
        #expect(finding(20).isGood && finding(20).detail.hasSuffix("in 20 days; renew it"))
        #expect(!finding(6.5).isGood && finding(6.5).detail.contains("in 6 days"))
        #expect(!finding(-1).isGood && finding(-1).detail.contains("ended at"))
    }

    @Test(arguments: [
        (0o600, true, nil), (0o640, true, nil), (0o660, false, nil), (0o601, true, nil),
        (0o644, true, KeyFile.Exposure.own), (0o642, true, .own), (0o444, false, .others),
    ])
    func `a key that everybody can read is somebody's to mend`(
        permissions: UInt32, isOwn: Bool, expected: KeyFile.Exposure?
    ) {
        #expect(KeyFile.exposure(permissions: permissions, isOwn: isOwn) == expected)
    }
}
