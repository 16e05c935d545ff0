import Testing

@testable import Alerts

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00-\(trace)-00f067aa0ba902b7-01"

    @Test func `a call belongs to the same trace and is its own parent`() throws {
        let context = try #require(TraceContext(parent: Self.parent, state: "a=1,b=2"))
        #expect(context.traceID == Self.trace)
        #expect(context.isSampled)
        #expect(context.state == "a=1,b=2")
        #expect(context.parent(naming: 0xab) == "00-\(Self.trace)-00000000000000ab-01")
    }

    @Test func `flags that are not known are not passed on`() throws {
        let context = try #require(TraceContext(parent: "00-\(Self.trace)-00f067aa0ba902b7-02"))
        #expect(context.parent(naming: 1).hasSuffix("-00"))
        let sampled = try #require(TraceContext(parent: "00-\(Self.trace)-00f067aa0ba902b7-fb"))
        #expect(sampled.isSampled)
        #expect(sampled.parent(naming: 1).hasSuffix("-01"))
    }

    // Source: Trace Context, sections 3.2.2 and 3.2.4.
    @Test(arguments: [
        "", "00", "00-\(trace)-00f067aa0ba902b7", "00-\(trace)-00f067aa0ba902b7-1",
        "ff-\(trace)-00f067aa0ba902b7-01", "00-\(trace)-00f067aa0ba902b7-01-more",
        "01-\(trace)-00f067aa0ba902b7-01more", "0g-\(trace)-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-\(trace)-0000000000000000-01", "00-\(trace.uppercased())-00f067aa0ba902b7-01",
        "00_\(trace)-00f067aa0ba902b7-01", "00-\(trace)_00f067aa0ba902b7-01",
        "00-\(trace)-00f067aa0ba902b7_01", "00-\(trace)-00f067aa0ba902b7-0x",
        " 00-\(trace)-00f067aa0ba902b7-0",
    ])
    func `what is not as it has to be is no trace`(parent: String) {
        #expect(TraceContext(parent: parent) == nil)
    }

    @Test(arguments: [
        "cc-\(trace)-00f067aa0ba902b7-01", "cc-\(trace)-00f067aa0ba902b7-01-what-comes-later",
        "00-00000000000000000000000000000001-0000000000000001-00",
    ])
    func `later versions and small numbers are read`(parent: String) {
        #expect(TraceContext(parent: parent) != nil)
    }

    @Test(arguments: ["a", String(repeating: "a", count: 512)])
    func `a state that is not too long is passed on`(state: String) {
        #expect(TraceContext(parent: Self.parent, state: state)?.state == state)
    }

    @Test(arguments: ["", "a=\u{1f}", "a=é", String(repeating: "a", count: 513)])
    func `a state that can't be passed on is left out`(state: String) {
        let context = TraceContext(parent: Self.parent, state: state)
        #expect(context != nil)
        #expect(context?.state == nil)
    }
}
