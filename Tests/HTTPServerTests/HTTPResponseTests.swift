import Testing

@testable import HTTPServer

@Suite struct HTTPResponseTests {
    private func text(
        _ response: HTTPResponse, _ framing: ResponseEncoder.Framing = .init()
    ) -> String {
        var encoder = ResponseEncoder()
        encoder.setTime(784_111_777_500)
        var bytes: [UInt8] = []
        encoder.appendHead(response, framing, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `an answer has a date, a length and a type`() {
        let response = HTTPResponse.json(.created, Array("{}".utf8)).with("ETag", "x")
        #expect(
            text(response)
                == "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Content-Length: 2\r\nContent-Type: application/json\r\nETag: x\r\n\r\n")
    }

    @Test func `an answer without content has neither type nor, with 204, a length`() {
        #expect(text(HTTPResponse(.ok)).contains("\r\nContent-Length: 0\r\n"))
        #expect(!text(HTTPResponse(.ok)).contains("Content-Type"))
        #expect(!text(.noContent).contains("Content-"))
        let unmodified = HTTPResponse(.notModified, body: [1])
        #expect(!text(unmodified).contains("Content-"))
        #expect(!ResponseEncoder.sendsBody(unmodified, .init()))
    }

    @Test func `HEAD is told the length without the content`() {
        let response = HTTPResponse.text(.ok, "hello")
        let framing = ResponseEncoder.Framing(isHead: true)
        #expect(text(response, framing).contains("\r\nContent-Length: 5\r\n"))
        #expect(!ResponseEncoder.sendsBody(response, framing))
    }

    @Test func `the peer is told whether the connection stays`() {
        #expect(!text(.noContent).contains("Connection"))
        let last = text(.noContent, .init(closes: true, announcesKeepAlive: true))
        #expect(last.contains("\r\nConnection: close\r\n"))
        let kept = text(.noContent, .init(announcesKeepAlive: true))
        #expect(kept.contains("\r\nConnection: keep-alive\r\n"))
    }

    @Test func `a value can't add a line`() {
        let response = HTTPResponse.noContent.with("Location", "/a\r\nSet-Cookie: b\0\u{7f}")
        #expect(text(response).contains("\r\nLocation: /a  Set-Cookie: b  \r\n"))
    }

    @Test func `a field's name must be a token`() async {
        await #expect(processExitsWith: .failure) { _ = HTTPField("X: y", "z") }
    }

    @Test func `a problem names itself`() {
        let problem = HTTPResponse.problem(.conflict, code: "taken", detail: "In use.")
        #expect(problem.contentType == "application/problem+json")
        #expect(
            String(decoding: problem.body, as: UTF8.self)
                == #"{"type":"about:blank","title":"Conflict","status":409,"#
                + #""detail":"In use.","code":"taken"}"#)
    }

    @Test func `nothing in a problem breaks out of its string`() {
        let problem = HTTPResponse.problem(
            .badRequest, code: "x", title: "a\"b\\c\n\u{0}\u{7f}é\u{1f600}", detail: "</script>&")
        #expect(
            String(decoding: problem.body, as: UTF8.self)
                == #"{"type":"about:blank","title":"a\"b\\c\u000a\u0000\u007fé😀","status":400,"#
                + #""detail":"\u003c/script\u003e\u0026","code":"x"}"#)
    }

    @Test(arguments: HeadFault.allCases)
    func `every fault has an answer and a word of its own`(fault: HeadFault) {
        #expect((400..<500).contains(fault.status.code))
        #expect(HeadFault.allCases.filter { $0.code == fault.code } == [fault])
        #expect(fault.response.contentType == "application/problem+json")
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `a date is written as HTTP wants it`(second: Int64, expected: String) {
        #expect(String(decoding: DateField.format(second), as: UTF8.self) == expected)
    }

    @Test func `a status outside the final ones traps`() async {
        await #expect(processExitsWith: .failure) { _ = HTTPStatus(100) }
    }
}
