import Alerts
import HTTPServer
import Logging

/// What lines of the log that concern a request carry.
struct RequestMarks: Sendable {
    /// What the request is called; empty for one without a connection.
    let id: String
    /// The trace that it belongs to, if it says so.
    let trace: TraceContext?

    /// The marks of a request; two `traceparent` fields say nothing.
    init(_ head: HTTPRequestHead) {
        id = head.requestID
        guard let parent = head.field("traceparent"), head.values(of: "traceparent").count == 1
        else {
            trace = nil
            return
        }
        // One list, whose members may stand in several fields (RFC 9110, section 5.3).
        let states = head.values(of: "tracestate").joined(separator: ",")
        trace = TraceContext(parent: parent, state: states)
    }

    /// Metadata of a line, to which these marks are added.
    func on(_ metadata: Logger.Metadata = [:]) -> Logger.Metadata {
        var metadata = metadata
        if !id.isEmpty { metadata["request"] = "\(id)" }
        if let trace { metadata["trace"] = "\(trace.traceID)" }
        return metadata
    }
}
