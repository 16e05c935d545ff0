import JSON

/// A fault that was ordered: what goes wrong, where, and how often.
struct Fault: Equatable {
    let on: Place
    let kind: Kind
    /// For `status`.
    var statusCode = 503
    /// A `Retry-After` field to send along with a status.
    var retryAfter: String?
    /// For `delay`.
    var delayMilliseconds: Int64 = 1_000
    /// How many times it still happens; 0 for until it is cleared.
    var times = 1

    /// What it happens to.
    enum Place: String, CaseIterable {
        case environments, incident, incidents, resolve
        /// Every operation of the vendor's API.
        case any
        case webhook
    }

    enum Kind: String, CaseIterable {
        case status, delay, drop, garbage, html
        case applyThenDrop = "apply_then_drop"
        case ignore, lost, doubled, reordered
    }

    /// Whether this can happen to a webhook, or else to a call.
    var isPossible: Bool {
        switch kind {
        case .lost, .doubled, .reordered: on == .webhook
        case .delay: true
        case .status, .drop, .garbage, .html, .applyThenDrop, .ignore: on != .webhook
        }
    }

    var json: JSONTree {
        [
            "on": .string(on.rawValue), "kind": .string(kind.rawValue),
            "status": .integer(Int64(statusCode)),
            "retry_after": .optional(retryAfter),
            "delay_ms": .integer(delayMilliseconds), "times": .integer(Int64(times)),
        ]
    }
}

/// The faults still to come, in the order in which they were asked for.
struct FaultBook {
    private(set) var faults: [Fault] = []

    mutating func order(_ fault: Fault) throws(StubRefusal) {
        guard fault.isPossible else {
            throw StubRefusal(400, "\(fault.kind.rawValue) can't happen on \(fault.on.rawValue)")
        }
        guard faults.count < StubLimits.faultsMax else { throw StubRefusal(400, "too many faults") }
        faults.append(fault)
    }

    mutating func clear() { faults = [] }

    /// The fault that happens now at `place`, if one is due; counts it.
    mutating func take(at place: Fault.Place) -> Fault? {
        let index = faults.firstIndex { fault in
            fault.on == place || fault.on == .any && place != .webhook
        }
        guard let index else { return nil }
        let fault = faults[index]
        if fault.times == 1 {
            faults.remove(at: index)
        } else if fault.times > 1 {
            faults[index].times -= 1
        }
        return fault
    }
}
