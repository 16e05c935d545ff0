import Alerts
import Logging

/// The traces of requests that made closes owed, for the calls that follow from them.
///
/// Kept in memory, by the gateway that was asked: a call after a restart, or by another gateway on
/// the same store, belongs to no trace. Beyond a bound the oldest are forgotten.
struct CloseTraces {
    private var traces: [CloseID: TraceContext] = [:]
    private var order: [CloseID] = []

    /// The trace of a close, if one is known.
    subscript(id: CloseID) -> TraceContext? { traces[id] }

    /// Remembers that a close belongs to a trace.
    mutating func insert(_ trace: TraceContext, for id: CloseID) {
        if traces.updateValue(trace, forKey: id) == nil { order.append(id) }
        guard order.count > Limits.closeTracesMax else { return }
        traces[order.removeFirst()] = nil
    }

    /// Forgets a close that has ended.
    mutating func remove(_ id: CloseID) {
        guard traces.removeValue(forKey: id) != nil else { return }
        order.removeAll { $0 == id }
    }

    /// What lines of the log about a close carry.
    func marks(of claimed: ClaimedClose, _ change: AlertMachine.Change?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "close": "\(claimed.close.id)", "alert": "\(claimed.close.alertID)",
            "incident": "\(claimed.incidentID)", "integration": "\(claimed.integrationID)",
        ]
        if let source = change?.subject.alert.sourceID { metadata["source"] = "\(source)" }
        if let trace = self[claimed.close.id] { metadata["trace"] = "\(trace.traceID)" }
        return metadata
    }
}
