import Alerts

/// The endpoints that are told of things, as this replica last read them.
///
/// Forgotten with each change of the directory that this replica makes or hears of; whoever answers
/// such a change waits until all have heard.
struct PostgresTargets {
    /// What is known; `nil` when it is to be read.
    private(set) var known: [OutboundTarget]?
    private var generation = 0

    /// Whether it is certain that nobody is told of anything.
    var isEmpty: Bool { known?.isEmpty == true }

    /// Has them read anew when they are needed next.
    mutating func forget() {
        known = nil
        generation += 1
    }

    /// Names what is read from now on, for `keep`.
    var ticket: Int { generation }

    /// Keeps what was read under `ticket`, unless that may be outdated.
    mutating func keep(_ targets: [OutboundTarget], _ ticket: Int) {
        if ticket == generation { known = targets }
    }
}
