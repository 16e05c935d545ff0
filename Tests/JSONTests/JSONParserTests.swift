import JSON
import Testing

@Suite struct JSONParserTests {
    private func reason(_ bytes: [UInt8]) -> JSONError.Reason? {
        do throws(JSONError) {
            try JSONParser().withDocument(bytes) { _ in }
            return nil
        } catch {
            return error.reason
        }
    }

    private func error(_ text: String) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONTree(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: JSONCases.valid)
    func `what the grammar allows is read`(_ text: String) {
        #expect(error(text) == nil)
    }

    @Test(arguments: JSONCases.invalid)
    func `what the grammar forbids is refused`(_ text: String) {
        #expect(error(text) != nil)
    }

    @Test(arguments: JSONCases.invalidBytes)
    func `bytes that are not UTF-8 are refused`(_ bytes: [UInt8]) {
        #expect(reason(bytes) != nil)
    }

    @Test(
        arguments: [
            ("", .empty, nil), (" \t\r\n", .empty, nil),
            ("[1,]", .unexpectedByte, 3), ("{\"a\" 1}", .unexpectedByte, 5),
            ("[1", .unexpectedEnd, 2), ("\"abc", .unexpectedEnd, 4), ("tru", .unexpectedEnd, 3),
            ("[1.]", .badNumber, 3), ("-x", .badNumber, 1),
            ("\"\\x\"", .badEscape, 1), ("\"\\u12g4\"", .badEscape, 5),
            ("[\"a\nb\"]", .controlCharacter, 3),
            ("{} {}", .trailingBytes, 3), ("1 2", .trailingBytes, 2),
            ("01", .trailingBytes, 1), ("\u{FEFF}{}", .unexpectedByte, 0),
        ] as [(String, JSONError.Reason, Int?)])
    func `an error says what is wrong and where`(
        text: String, reason: JSONError.Reason, offset: Int?
    ) {
        let error = error(text)
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test func `a document of very many values is refused before it costs their memory`() {
        let text = { "[" + String(repeating: "1,", count: $0) + "1]" }
        #expect(error(text(JSONLimits.valuesMax - 1)) == nil)
        #expect(error(text(JSONLimits.valuesMax))?.reason == .tooManyValues)
    }

    @Test func `an error reads as its reason and place`() {
        #expect(error("[1,]")?.description == "unexpected_byte at byte 3")
        #expect(error("")?.description == "empty")
    }

    @Test func `a string that is not UTF-8 is called that`() {
        #expect(reason([0x22, 0xC3, 0x28, 0x22]) == .notUTF8)
    }

    @Test func `every prefix of a document is refused`() {
        let document = Array(JSONCases.webhook.utf8)
        #expect(reason(document) == nil)
        for count in 0..<document.count {
            #expect(reason(Array(document[..<count])) != nil, "\(count) bytes")
        }
    }

    @Test(arguments: [
        (512, "[", "]", ""), (512, "[", "]", "1"), (512, "{\"a\":", "}", "1"),
        (511, "[", "]", "{}"), (511, "{\"a\":", "}", "[]"),
    ])
    func `512 levels are read`(count: Int, open: String, close: String, inner: String) {
        let text =
            String(repeating: open, count: count) + inner + String(repeating: close, count: count)
        #expect(error(text) == nil)
    }

    @Test(arguments: [
        (513, "[", "]", ""), (513, "[", "]", "1"), (513, "{\"a\":", "}", "1"),
        (512, "[", "]", "{}"), (512, "{\"a\":", "}", "[]"), (100_000, "[", "]", "1"),
        (100_000, "[", "", ""),
    ])
    func `513 levels are too deep`(count: Int, open: String, close: String, inner: String) {
        let text =
            String(repeating: open, count: count) + inner + String(repeating: close, count: count)
        #expect(error(text)?.reason == .tooDeep)
    }

    @Test func `many shallow containers are not deep`() {
        #expect(error("[" + String(repeating: "[],{},", count: 5_000) + "1]") == nil)
    }

    @Test func `a document over the parser's bound is refused unread`() {
        let parser = JSONParser(bytesMax: 4)
        #expect(throws: Never.self) { try parser.withDocument(Array("1234".utf8)) { _ in } }
        let error = #expect(throws: JSONError.self) {
            try parser.withDocument(Array("12345".utf8)) { _ in }
        }
        #expect(error?.reason == .tooLarge)
    }

    @Test func `memory is kept between ordinary documents`() throws {
        let parser = JSONParser()
        try parser.withDocument(Array("[]".utf8)) { _ in }
        let capacity = parser.capacity
        #expect(capacity >= 1_200)
        try parser.withDocument(Array(JSONCases.webhook.utf8)) { _ in }
        #expect(parser.capacity == capacity)
    }

    @Test func `the memory of a large document is given back, even of a refused one`() throws {
        let parser = JSONParser()
        let large = [UInt8](repeating: 0x20, count: JSONLimits.keptBytesMax + 1)
        try parser.withDocument(large + Array("[]".utf8)) { _ in }
        #expect(parser.capacity == 0)
        #expect(throws: JSONError.self) { try parser.withDocument(large) { _ in } }
        #expect(parser.capacity == 0)
        try parser.withDocument(Array("[1]".utf8)) { root in #expect(root.kind == .array) }
    }

    @Test func `a refused document does not spoil the next`() throws {
        let parser = JSONParser()
        for text in ["[1", "nul", "\"\\ud800", "{\"a\":1}"] {
            _ = try? parser.withDocument(Array(text.utf8)) { _ in }  // Most are refused on purpose.
        }
        let count = try parser.withDocument(Array("[1,2,3]".utf8)) { root in
            root.array?.reduce(0) { sum, _ in sum + 1 }
        }
        #expect(count == 3)
    }

    @Test func `a value that outlives its document traps`() async {
        await #expect(processExitsWith: .failure) {
            let parser = JSONParser()
            let kept = try parser.withDocument(Array("[1]".utf8)) { $0 }
            _ = kept.kind
        }
    }

    @Test func `a parser lends one document at a time`() async {
        await #expect(processExitsWith: .failure) {
            let parser = JSONParser()
            try parser.withDocument(Array("[1]".utf8)) { _ in
                _ = try? parser.withDocument(Array("[2]".utf8)) { _ in }  // Traps before it throws.
            }
        }
    }
}
