import Alerts
import HTTPServer
import Logging
import Testing

@testable import GatewayApp

@Suite struct RequestMarksTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = HTTPField("traceparent", "00-\(trace)-00f067aa0ba902b7-01")

    private static func marks(_ fields: [HTTPField]) throws -> RequestMarks {
        RequestMarks(try HTTPRequestHead(.get, "/", fields: fields))
    }

    @Test func `a request belongs to the trace that it names`() throws {
        let marks = try Self.marks([Self.parent])
        #expect(marks.trace?.traceID == Self.trace)
        #expect(marks.trace?.state == nil)
        #expect(marks.on(["a": "b"]) == ["a": "b", "trace": "\(Self.trace)"])
    }

    @Test func `a request that names no trace, or two, belongs to none`() throws {
        for fields in [[], [Self.parent, Self.parent], [HTTPField("traceparent", "")]] {
            let marks = try Self.marks(fields)
            #expect(marks.trace == nil)
            #expect(marks.on().isEmpty)
        }
    }

    @Test func `a state in several fields is one list`() throws {
        let states = ["a=1,b=2", "c=3"].map { HTTPField("tracestate", $0) }
        #expect(try Self.marks([Self.parent] + states).trace?.state == "a=1,b=2,c=3")
        #expect(try Self.marks(states).trace == nil)
    }
}
