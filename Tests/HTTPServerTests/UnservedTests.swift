import GatewayTesting
import Testing

@testable import EventLoop
@testable import HTTPServer

/// A route hears of the requests that never reach its handler.
@Suite struct UnservedTests {
    private func told(
        _ change: @escaping @Sendable (inout HTTPLimits) -> Void = { _ in },
        _ act: @escaping @LoopActor (ServerBench) -> Void
    ) async throws -> (unserved: [UnservedRequest], statuses: [Int]) {
        try await LoopFixture.run {
            let bench = ServerBench(change)
            act(bench)
            defer { bench.server.stop() }
            return (bench.unserved, bench.transport.answers.map(\.status))
        }
    }

    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    @Test(arguments: [
        ("Content-Length: 1001", "", HTTPUnserved.tooLarge, 413),
        (
            "Transfer-Encoding: chunked", "3e9\r\n" + String(repeating: "x", count: 1001),
            .tooLarge, 413
        ),
        ("Transfer-Encoding: chunked", "nonsense\r\n", .malformed, 400),
    ])
    func `content that can't be taken`(
        fields: String, body: String, reason: HTTPUnserved, status: Int
    ) async throws {
        let (unserved, statuses) = try await told { bench in
            bench.transport.receive(Self.post(fields, body))
        }
        #expect(unserved.map(\.reason) == [reason])
        #expect(statuses == [status])
    }

    @Test func `a method that no route takes`() async throws {
        let (unserved, statuses) = try await told { bench in
            bench.transport.receive("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            bench.transport.receive("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        #expect(unserved == [UnservedRequest(length: nil, reason: .methodNotAllowed)])
        #expect(statuses == [405, 204])
    }

    @Test func `a peer that closes within the content`() async throws {
        let (unserved, statuses) = try await told { bench in
            bench.transport.receive(Self.post("Content-Length: 9", "x"))
            bench.transport.receiveEnd()
        }
        #expect(unserved == [UnservedRequest(length: 9, reason: .truncated)])
        #expect(statuses == [400])
    }

    @Test func `a connection that fails within the content`() async throws {
        let (unserved, statuses) = try await told { bench in
            bench.transport.receive(Self.post("Content-Length: 9", "x"))
            bench.transport.delegate?.streamFailed(UVError(status: -104, operation: "read"))
        }
        #expect(unserved == [UnservedRequest(length: 9, reason: .truncated)])
        #expect(statuses.isEmpty)
    }

    @Test func `more than may be held`() async throws {
        let (unserved, statuses) = try await told({ $0.smallBodiesBytesMax = 100 }) { bench in
            bench.transport.receive(
                Self.post("Content-Length: 900", String(repeating: "x", count: 200)))
        }
        #expect(unserved == [UnservedRequest(length: 900, reason: .unavailable)])
        #expect(statuses == [503])
    }

    @Test func `nothing is told of what is served, or has no whole head`() async throws {
        let (unserved, statuses) = try await told { bench in
            bench.transport.receive(Self.post("Content-Length: 1", "x"))
            bench.transport.receive("POST /echo HTTP/1.1\r\nHost: a\r\n")
            bench.transport.receiveEnd()
        }
        #expect(unserved.isEmpty)
        #expect(statuses == [200, 400])
    }
}
