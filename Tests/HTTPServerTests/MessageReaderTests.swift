import Testing

@testable import HTTPServer

@Suite struct MessageReaderTests {
    private struct Outcome: Equatable {
        var body: [UInt8] = []
        var isWhole = false
        var used = 0
        var fault: HeadFault?
    }

    private func read(_ fields: String, _ content: [UInt8], pieces: [Int]) throws -> Outcome {
        let head = Array("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        let limits = HTTPLimits()
        var scanner = HeadScanner(limits: limits)
        _ = try scanner.scan(head.span)
        let reader = MessageReader()
        try reader.begin(head.span, facts: scanner.facts, into: HeadTable())
        var outcome = Outcome()
        do throws(HeadFault) {
            var start = 0
            for end in pieces where !reader.isWhole {
                outcome.used += try reader.read(
                    content.span.extracting(start..<end), limits: limits)
                start = end
            }
        } catch {
            outcome.fault = error
            outcome.used = 0
        }
        outcome.isWhole = reader.isWhole && outcome.fault == nil
        outcome.body = outcome.fault == nil ? reader.takeBody() : []
        return outcome
    }

    private func readAtEveryCut(_ fields: String, _ content: String) throws -> Outcome {
        let bytes = Array(content.utf8)
        let whole = try read(fields, bytes, pieces: [bytes.count])
        for cut in 1..<max(2, bytes.count) {
            #expect(try read(fields, bytes, pieces: [cut, bytes.count]) == whole)
        }
        #expect(try read(fields, bytes, pieces: Array(1...bytes.count)) == whole)
        return whole
    }

    @Test(arguments: [
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("0\r\n\r\n", ""),
        ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("00005\r\nhello\r\n000\r\n\r\n", "hello"),
        ("5;a=b\r\nhello\r\n0;x\r\n\r\n", "hello"),
        ("5\r\nhello\r\n0\r\nX: y\r\nDigest:\tz \r\n\r\n", "hello"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
    ])
    func `chunks are put together at every cut`(content: String, body: String) throws {
        let outcome = try readAtEveryCut("Transfer-Encoding: chunked\r\n", content)
        #expect(outcome.fault == nil && outcome.isWhole)
        #expect(outcome.body == Array(body.utf8))
        #expect(outcome.used == content.utf8.count)
    }

    @Test(arguments: [
        ("5\nhello\r\n0\r\n\r\n", HeadFault.chunk),
        ("5\rhello\r\n0\r\n\r\n", .chunk),
        ("5\r\nhello\n0\r\n\r\n", .chunk),
        ("5\r\nhello0\r\n\r\n", .chunk),
        ("5\r\nhell\r\n0\r\n\r\n", .chunk),
        ("5\r\nhello\r\n0\n\n", .chunk),
        (" 5\r\nhello\r\n0\r\n\r\n", .chunk),
        ("5 \r\nhello\r\n0\r\n\r\n", .chunk),
        ("5\t\r\nhello\r\n0\r\n\r\n", .chunk),
        ("0x5\r\nhello\r\n0\r\n\r\n", .chunk),
        ("+5\r\nhello\r\n0\r\n\r\n", .chunk),
        ("-1\r\nhello\r\n0\r\n\r\n", .chunk),
        ("5g\r\nhello\r\n0\r\n\r\n", .chunk),
        ("\r\nhello\r\n0\r\n\r\n", .chunk),
        ("5;a\nb\r\nhello\r\n0\r\n\r\n", .chunk),
        ("5;a\0\r\nhello\r\n0\r\n\r\n", .chunk),
        ("10000000000000005\r\nhello\r\n0\r\n\r\n", .chunk),
        ("5\r\nhello\r\n0\r\nX : y\r\n\r\n", .fieldName),
        ("5\r\nhello\r\n0\r\nX\r\n\r\n", .fieldName),
        ("5\r\nhello\r\n0\r\nX: y\n\r\n", .lineEnd),
        ("5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n", .foldedField),
        ("5\r\nhello\r\n0\r\nX: \0\r\n\r\n", .fieldValue),
    ])
    func `broken chunks are refused at every cut`(content: String, fault: HeadFault) throws {
        let outcome = try readAtEveryCut("Transfer-Encoding: chunked\r\n", content)
        #expect(outcome.fault == fault)
    }

    @Test func `content of a given length ends with it`() throws {
        let outcome = try readAtEveryCut("Content-Length: 5\r\n", "helloGET /")
        #expect(outcome == Outcome(body: Array("hello".utf8), isWhole: true, used: 5))
    }

    @Test func `content that is short isn't whole`() throws {
        let outcome = try readAtEveryCut("Content-Length: 6\r\n", "hello")
        #expect(outcome == Outcome(body: Array("hello".utf8), isWhole: false, used: 5))
    }

    @Test func `chunk extensions are bounded, all together`() throws {
        let long = "5;" + String(repeating: "a", count: 65_536) + "\r\nhello\r\n0\r\n\r\n"
        let chunked = "Transfer-Encoding: chunked\r\n"
        let one = try read(chunked, Array(long.utf8), pieces: [long.utf8.count])
        #expect(one.fault == .chunkExtensionTooLarge)
        let many = String(repeating: "1;aaaaaaaaa\r\nx\r\n", count: 500) + "0\r\n\r\n"
        let all = try read(chunked, Array(many.utf8), pieces: [many.utf8.count])
        #expect(all.fault == .chunkExtensionTooLarge)
    }

    @Test func `trailers are bounded in bytes and in number`() throws {
        let chunked = "Transfer-Encoding: chunked\r\n"
        let long = "0\r\nX: " + String(repeating: "a", count: 9_000) + "\r\n\r\n"
        let one = try read(chunked, Array(long.utf8), pieces: [long.utf8.count])
        #expect(one.fault == .trailersTooLarge)
        let many = "0\r\n" + String(repeating: "X: a\r\n", count: 101) + "\r\n"
        let all = try read(chunked, Array(many.utf8), pieces: [many.utf8.count])
        #expect(all.fault == .trailersTooLarge)
    }

    @Test func `what follows the last chunk isn't touched`() throws {
        let content = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n"
        let outcome = try readAtEveryCut("Transfer-Encoding: chunked\r\n", content)
        #expect(outcome.isWhole && outcome.used == 11)
    }
}
