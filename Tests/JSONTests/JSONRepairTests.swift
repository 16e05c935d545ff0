import JSON
import Testing

@Suite struct JSONRepairTests {
    @Test(arguments: [
        ("1e309", 9e307), ("-1e309", -9e307), ("1e999999999999999999999", 1.7976931348623157e308),
        ("1.7976931348623159e308", 1.7976931348623157e308),
        ("-1.7976931348623159e308", -1.7976931348623157e308), ("12345.5E400", 9e307),
        ("18446744073709551616", 0x1p64), ("-9223372036854775809", -0x1p63),
        ("99999999999999999999", 1e20), ("123456789012345678901234567890", 1.2345678901234568e29),
    ])
    func `a number that fits nothing reads as the nearest that does`(
        text: String, expected: Double
    ) throws {
        let value = try JSONTree(parsing: "[0, \(text) ,\"x\"]")
        let number = try #require(value[1]?.double)
        #expect(abs(number - expected) <= abs(expected) * 1e-15)
        #expect(value[0] == 0)
        #expect(value[2] == "x")
        #expect(try JSONTree(parsing: text).double == number)
    }

    @Test func `an integer of a thousand digits reads as the greatest number`() throws {
        let text = String(repeating: "9", count: 1_000)
        #expect(try JSONTree(parsing: text).double == .greatestFiniteMagnitude)
        #expect(try JSONTree(parsing: "-\(text)").double == -.greatestFiniteMagnitude)
    }

    @Test(arguments: [
        ("\\ud800", "\u{FFFD}"), ("\\udc00", "\u{FFFD}"), ("\\uD800x", "\u{FFFD}x"),
        ("\\ud800\\ud800", "\u{FFFD}\u{FFFD}"), ("\\udc00\\ud800", "\u{FFFD}\u{FFFD}"),
        ("\\ud800\\u0041", "\u{FFFD}A"), ("\\ud800\\n", "\u{FFFD}\n"),
        ("\\ud800\\ud83d\\ude00", "\u{FFFD}😀"), ("\\\\ud800\\ud800", "\\ud800\u{FFFD}"),
        ("\\ud800é", "\u{FFFD}é"),
    ])
    func `half of a surrogate pair reads as the replacement character`(
        escaped: String, expected: String
    ) throws {
        #expect(try JSONTree(parsing: "\"\(escaped)\"") == .string(expected))
        #expect(try JSONTree(parsing: "{\"\(escaped)\":1}")[expected] == 1)
    }

    @Test(arguments: [
        "[1e999,]", "[1e999", "{\"a\":1e999,}", "[\"\\ud800\",]", "[\"\\ud800\"", "1e999 1",
        "[01e999]", "[\"\\ud800\n\"]", "[1e999,\"\\x\"]",
    ])
    func `what is broken elsewhere stays refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONTree(parsing: text) }
    }

    @Test func `digits and escapes inside strings are left alone`() throws {
        let tree = try JSONTree(parsing: "[\"1e999\",\"18446744073709551616\",1e999,\"\\\\ud800\"]")
        #expect(tree[0] == "1e999")
        #expect(tree[1] == "18446744073709551616")
        #expect(tree[3] == "\\ud800")
    }

    @Test func `a megabyte of repairs takes one pass`() throws {
        let text = "[" + String(repeating: "1e999,\"\\ud800\",", count: 80_000) + "1]"
        let tree = try JSONTree(parsing: text)
        #expect(tree.array?.count == 160_001)
        #expect(tree[0] == 9e307)
        #expect(tree[159_999] == "\u{FFFD}")
    }
}
