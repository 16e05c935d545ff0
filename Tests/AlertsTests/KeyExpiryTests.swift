import Alerts
import Testing

@Suite struct KeyExpiryTests {
    private static let end = Timestamp(milliseconds: 1_800_000_000_000)
    private static let day = 86_400

    @Test(
        arguments: [
            (31 * day, nil), (30 * day + 1, nil), (30 * day, .within30Days),
            (7 * day + 1, .within30Days), (7 * day, .within7Days), (day + 1, .within7Days),
            (day, .within1Day), (1, .within1Day), (0, .expired), (-400 * day, .expired),
        ] as [(Int, KeyExpiry?)])
    func `a key is told of 30, 7 and 1 days ahead and when it has ended`(
        secondsLeft: Int, expected: KeyExpiry?
    ) {
        let now = Self.end - .seconds(secondsLeft)
        #expect(KeyExpiry(end: Self.end, at: now) == expected)
    }

    @Test func `a key without an end is never told of`() {
        #expect(KeyExpiry(end: nil, at: Self.end) == nil)
    }

    @Test func `the nearer the end, the more urgent`() {
        #expect(KeyExpiry.allCases == KeyExpiry.allCases.sorted())
    }
}

@Suite struct RoleTests {
    @Test func `each role may do what those before it may`() {
        #expect(Role.viewer < .operator)
        #expect(Role.operator < .admin)
        #expect(!(Role.admin < .admin))
    }
}
