import Alerts
import Testing

@testable import GatewayApp

@Suite struct CloseTracesTests {
    private static func trace(_ number: Int) throws -> TraceContext {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 32 - digits.count) + digits
        return try #require(TraceContext(parent: "00-\(id)-00f067aa0ba902b7-01"))
    }

    @Test func `beyond the bound the oldest are forgotten, and what ended does not count`() throws {
        var traces = CloseTraces()
        let ids = (0...Limits.closeTracesMax).map { CloseID("cls_\($0)") }
        for (index, id) in ids.enumerated() { traces.insert(try Self.trace(index + 1), for: id) }
        #expect(traces[ids[0]] == nil)
        #expect(traces[ids[1]]?.traceID.hasSuffix("2") == true)
        traces.remove(ids[9])
        #expect(traces[ids[9]] == nil)
        traces.insert(try Self.trace(1), for: ids[0])
        #expect(traces[ids[1]] != nil)
        traces.insert(try Self.trace(10), for: ids[9])
        #expect(traces[ids[1]] == nil)
        #expect(traces[ids[2]] != nil)
    }
}
