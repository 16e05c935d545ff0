import Testing

@testable import HTTPServer

@Suite struct HeadScannerTests {
    private func outcome(_ bytes: [UInt8], pieces: [Int]) -> Result<HeadScanner, HeadFault> {
        var scanner = HeadScanner(limits: HTTPLimits())
        do throws(HeadFault) {
            for end in pieces where try scanner.scan(bytes.span.extracting(0..<end)) { break }
            return .success(scanner)
        } catch {
            return .failure(error)
        }
    }

    private func facts(_ text: String) throws -> HeadFacts {
        let bytes = Array(text.utf8)
        let scanner = try outcome(bytes, pieces: [bytes.count]).get()
        try #require(scanner.isComplete)
        #expect(scanner.position == bytes.count)
        return scanner.facts
    }

    @Test(arguments: OddRequest.refused)
    func `a malformed head is refused for what is wrong with it`(request: OddRequest) throws {
        let fault = try #require(request.fault)
        guard case .failure(let found) = outcome(request.bytes, pieces: [request.bytes.count])
        else {
            Issue.record("it was let pass")
            return
        }
        #expect(found == fault)
        #expect(request.statuses.contains(found.status.code))
    }

    @Test(arguments: OddRequest.refused.filter { $0.bytes.count < 500 })
    func `the verdict doesn't depend on where the bytes are cut`(request: OddRequest) {
        let bytes = request.bytes
        let whole = outcome(bytes, pieces: [bytes.count])
        for cut in 1..<max(2, bytes.count) {
            #expect(throws: whole.fault) {
                _ = try outcome(bytes, pieces: [cut, bytes.count]).get()
            }
        }
        #expect(throws: whole.fault) {
            _ = try outcome(bytes, pieces: Array(1...bytes.count)).get()
        }
    }

    @Test func `a good head reads the same at every cut`() throws {
        let text =
            "POST /a/b?c=d HTTP/1.1\r\nHost: a.example:80\r\nContent-Length:\t5 \r\n"
            + "Connection: close , x\r\nExpect: 100-continue\r\n\r\n"
        let bytes = Array(text.utf8)
        let expected = try outcome(bytes, pieces: [bytes.count]).get().facts
        #expect(expected.contentLength == 5)
        #expect(expected.asksToClose && !expected.keepsAlive)
        #expect(expected.expectation == .continuation)
        for cut in 1..<bytes.count {
            let scanner = try outcome(bytes, pieces: [cut, bytes.count]).get()
            #expect(scanner.isComplete && scanner.facts == expected)
        }
        let scanner = try outcome(bytes, pieces: Array(1...bytes.count)).get()
        #expect(scanner.isComplete && scanner.facts == expected)
    }

    @Test(arguments: [
        ("\u{16}", HeadFault.method), ("GET /\r", .version), ("GET x", .target),
        ("PRI *", .target), ("GET / HTTP/2", .version), ("GET htt:", .target),
        ("GET / HTTP/1.1\r\nHost: a\n", .lineEnd), ("GET / HTTP/1.1\r\nHost : ", .fieldName),
    ])
    func `what can't become a request isn't waited for`(text: String, fault: HeadFault) {
        #expect(throws: fault) { try outcome(Array(text.utf8), pieces: [text.utf8.count]).get() }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: CLOSE\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false),
        ("GET / HTTP/1.9\r\nHost: a\r\n\r\n", true),
    ])
    func `version and options decide whether it stays open`(text: String, keepsAlive: Bool) throws {
        #expect(try facts(text).keepsAlive == keepsAlive)
    }

    @Test func `an empty line in front of a request is let pass`() throws {
        #expect(try facts("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").method == .get)
    }

    @Test func `a request line of 8,000 bytes is taken`() throws {
        let target = "/" + String(repeating: "a", count: 8_000 - "GET / HTTP/1.1".utf8.count)
        #expect(try facts("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").target.count == target.count)
    }

    @Test func `a hundred fields and 64 KiB are taken`() throws {
        let many = "Host: a\r\n" + String(repeating: "X: a\r\n", count: 99)
        #expect(try facts("GET / HTTP/1.1\r\n\(many)\r\n").fieldCount == 100)
        let rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        let long = String(repeating: "a", count: 65_536 - rest)
        #expect(try facts("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n").fieldCount == 2)
    }

    @Test(arguments: [
        "a", "a.example:8080", "127.0.0.1", "[::1]", "[::1]:80", "a_b", "a:", "xn--e1afmkfd",
    ])
    func `a well-formed Host is taken`(host: String) throws {
        #expect(try facts("GET / HTTP/1.1\r\nHost:\t\(host) \r\n\r\n").hasHost)
    }

    @Test func `white space around any value is let pass`() throws {
        let text =
            "POST / HTTP/1.1\r\nHost:a\r\nContent-Length:\t 12\t \r\nX:\r\nY: \t\r\n\r\n"
        #expect(try facts(text).contentLength == 12)
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tChunked \r\n\r\n"
        #expect(try facts(chunked).isChunked)
    }

    @Test func `bytes behind the head are left alone`() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\0garbage".utf8)
        let scanner = try outcome(bytes, pieces: [bytes.count]).get()
        #expect(scanner.position == bytes.count - 9)
    }
}

extension Result where Failure == HeadFault {
    /// The failure; a fault that no test expects when there is none.
    fileprivate var fault: HeadFault {
        switch self {
        case .success: .disagreement
        case .failure(let fault): fault
        }
    }
}
