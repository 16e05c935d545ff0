import Alerts
import Curl
import Testing

@testable import BigPanda

@Suite struct CallTraceTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// The fields of one call for a trace.
    private static func fields(_ trace: TraceContext?) throws -> [String: String] {
        let request = CurlRequest(
            CallRequest(
                method: "GET", baseURL: try BaseURL("https://api.bigpanda.io"), path: "/",
                key: APIKey("BPU-key"), body: nil, trace: trace))
        return Dictionary(uniqueKeysWithValues: request.headers.map { ($0.0, $0.1) })
    }

    @Test func `each call is a span of its own in the trace that it is made for`() throws {
        let context = try #require(
            TraceContext(parent: "00-\(Self.trace)-00f067aa0ba902b7-01", state: "a=1"))
        let calls = try (0..<3).map { _ in try Self.fields(context) }
        let parents = calls.compactMap { $0["traceparent"] }
        #expect(parents.allSatisfy { $0.hasPrefix("00-\(Self.trace)-") && $0.hasSuffix("-01") })
        #expect(Set(parents).count == calls.count)
        #expect(!parents.contains { $0.contains("00f067aa0ba902b7") })
        #expect(calls.allSatisfy { $0["tracestate"] == "a=1" })
    }

    @Test func `a call for no trace names none`() throws {
        let fields = try Self.fields(nil)
        #expect(fields["traceparent"] == nil && fields["tracestate"] == nil)
    }
}
