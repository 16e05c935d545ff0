import Alerts

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
}
