import GatewayTesting
import Testing

@testable import HTTPServer

@Suite struct RequestIDTests {
    @Test func `ids are short, and never the same`() {
        var source = RequestIDs()
        let ids = (0..<10_000).map { _ in source.next() }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == 13 })
        #expect(ids.allSatisfy { RequestIDs.isWellFormed($0.utf8Span.span) })
    }

    @Test(arguments: [
        ("req-1", true), ("0af7651916cd43dd8448eb211c80319c", true), ("a/b+c=.~_:", true),
        ("", false), ("a b", false), ("a\"b", false), ("a\u{7f}", false), ("é", false),
        ("a,b", false), ("<script>", false), (String(repeating: "a", count: 128), true),
        (String(repeating: "a", count: 129), false),
    ])
    func `an id that could do harm in answers and logs is not taken over`(
        id: String, isFit: Bool
    ) {
        #expect(RequestIDs.isWellFormed(id.utf8Span.span) == isFit)
    }

    @Test func `every answer carries one, whatever it is`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench(namesRequests: true)
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n\r\n")
            bench.transport.receive("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            bench.transport.receive("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
            let ids = bench.transport.answers.map(Self.id)
            #expect(bench.transport.answers.map(\.status) == [200, 404, 405])
            #expect(Set(ids).count == 3 && !ids.contains(nil) && !ids.contains("mine"))
            // What is no request is called nothing, also after one that was.
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(bench.transport.answers.last?.status == 400)
            bench.server.stop()
        }
    }

    @Test func `a trusted proxy's id is kept if it is fit`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench(
                trustedProxies: ["198.51.100.0/24"].compactMap { AddressRange($0) },
                namesRequests: true)
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nx-request-id: mine-1\r\n\r\n")
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a b\r\n\r\n")
            let ids = bench.transport.answers.map(Self.id)
            #expect(ids.first == "mine-1")
            #expect(ids.last??.utf8.count == 13)
            bench.server.stop()
        }
    }

    @Test func `servers that name nothing say nothing`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.transport.answers.map(Self.id) == [nil])
            bench.server.stop()
        }
    }

    private static func id(of answer: RawAnswer) -> String? {
        let name = "X-Request-Id: "
        return answer.fields.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
}
