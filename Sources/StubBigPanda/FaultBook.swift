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
    /// The API key whose calls it happens to; all calls without.
    var key: String?
    /// For `mix`.
    var mix: FaultMix?

    /// What it happens to.
    enum Place: String, CaseIterable {
        case environments, incident, incidents, resolve
        /// Every operation of the vendor's API.
        case any
        case webhook
    }

    enum Kind: String, CaseIterable {
        /// Nothing goes wrong: holds a place in a queue, or a share of a mix.
        case ok
        case status, delay, drop, garbage, html, truncated
        case applyThenDrop = "apply_then_drop"
        case ignore, lost, doubled, reordered
        case mix
    }

    /// Whether this can happen to a webhook, or else to a call.
    var isPossible: Bool {
        switch kind {
        case .lost, .doubled, .reordered: on == .webhook && key == nil
        case .ok, .delay: on != .webhook || key == nil
        case .status, .drop, .garbage, .html, .truncated, .applyThenDrop, .ignore:
            on != .webhook
        case .mix:
            on != .webhook
                && mix?.parts.allSatisfy { $0.fault.kind != .mix && $0.fault.isPossible } ?? false
        }
    }

    var json: JSONTree { .object(members + (mix?.json ?? [])) }

    var members: [JSONTree.Member] {
        [
            .init("on", .string(on.rawValue)), .init("kind", .string(kind.rawValue)),
            .init("status", .integer(Int64(statusCode))),
            .init("retry_after", .optional(retryAfter)),
            .init("delay_ms", .integer(delayMilliseconds)),
            .init("times", .integer(Int64(times))), .init("key", .optional(key)),
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
    ///
    /// `key` is the API key that a call came with.
    mutating func take(at place: Fault.Place, key: String? = nil) -> Fault? {
        let index = faults.firstIndex { fault in
            (fault.on == place || fault.on == .any && place != .webhook)
                && (fault.key == nil || fault.key == key)
        }
        guard let index else { return nil }
        let fault = faults[index].mix?.draw() ?? faults[index]
        if faults[index].times == 1 {
            faults.remove(at: index)
        } else if faults[index].times > 1 {
            faults[index].times -= 1
        }
        return fault
    }
}
