import Alerts
import Testing

@testable import BigPanda

@Suite struct RetryAfterTests {
    /// 1994-11-06T08:49:00Z, 37 seconds before the date of RFC 9110's examples.
    private let now = Timestamp(milliseconds: 784_111_740_000)

    @Test(
        arguments: [
            ("0", 0), ("1", 1), (" 120 ", 120), ("300", 300), ("301", 300),
            ("99999999999999999999", 300),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37), ("Sun, 06 Nov 1994 09:49:37 GMT", 300),
            ("Sun, 06 Nov 1994 08:48:37 GMT", 0), ("Saturday, 06-Nov-93 08:49:37 GMT", 0),
            ("", nil), ("soon", nil), ("-1", nil), ("1.5", nil), ("+1", nil), ("1s", nil),
            ("0x10", nil),
            ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 25:49:37 GMT", nil), ("06 Nov 1994", nil), ("a b c d e GMT", nil),
        ] as [(String, Int?)])
    func `seconds and dates are read, and capped`(text: String, seconds: Int?) {
        #expect(RetryAfter.duration(text, now: now) == seconds.map { .seconds($0) })
    }

    @Test func `a year of two digits lies in the past century if far ahead`() {
        let now = Timestamp(milliseconds: 1_790_000_000_000)  // In 2026.
        #expect(
            RetryAfter.date("Sunday, 06-Nov-94 08:49:37 GMT", now: now)?.wholeSeconds == 784_111_777
        )
        let soon = RetryAfter.date("Friday, 06-Nov-26 08:49:37 GMT", now: now)
        #expect(soon?.rfc3339 == "2026-11-06T08:49:37.000Z")
    }

    @Test func `a date counts from the other end's own clock`() {
        let later = "Sun, 06 Nov 1994 08:49:37 GMT"
        let date = "Sun, 06 Nov 1994 08:49:30 GMT"
        let reply = CallReply(statusCode: 503, retryAfter: later, date: date)
        #expect(reply.wait(now: now) == .seconds(7))
        #expect(
            CallReply(statusCode: 503, retryAfter: later, date: "x").wait(now: now) == .seconds(37))
        #expect(CallReply(statusCode: 503, date: date).wait(now: now) == nil)
    }
}
