import JSON

/// The calls that came to the vendor's API, oldest first.
struct CallLog {
    /// One call.
    struct Call {
        let atMilliseconds: Int64
        let method: String
        let path: String
        let query: String
        let keySuffix: String
        /// How many calls were under way when it came in, itself included.
        let inFlight: Int
        /// The trace that it was made for, if it said so.
        var traceparent: String?
        /// What goes with that.
        var tracestate: String?
        /// What was answered; 0 for nothing yet, or nothing at all.
        var statusCode = 0
        /// What a resolve or comment said.
        var comments: String?

        var json: JSONTree {
            var members: [JSONTree.Member] = [
                .init("at_ms", .integer(atMilliseconds)), .init("method", .string(method)),
                .init("path", .string(path)), .init("query", .string(query)),
                .init("status", .integer(Int64(statusCode))),
                .init("key_suffix", .string(keySuffix)),
                .init("in_flight", .integer(Int64(inFlight))),
            ]
            if let traceparent { members.append(.init("traceparent", .string(traceparent))) }
            if let tracestate { members.append(.init("tracestate", .string(tracestate))) }
            if let comments { members.append(.init("comments", .string(comments))) }
            return .object(members)
        }
    }

    private var calls: [Call] = []
    /// The number of the first call that is kept.
    private var firstNumber = 0

    var json: [JSONTree] { calls.map(\.json) }

    /// Takes a call down.
    ///
    /// - Returns: Its number, for `update`.
    mutating func add(_ call: Call) -> Int {
        // Dropped in blocks, so that a full log doesn't move all of itself for each call.
        if calls.count >= StubLimits.callsMax {
            let count = StubLimits.callsMax / 10
            calls.removeFirst(count)
            firstNumber += count
        }
        calls.append(call)
        return firstNumber + calls.count - 1
    }

    /// Changes a call, unless it is not kept any more.
    mutating func update(_ number: Int, _ change: (inout Call) -> Void) {
        guard calls.indices.contains(number - firstNumber) else { return }
        change(&calls[number - firstNumber])
    }

    mutating func clear() {
        firstNumber += calls.count
        calls = []
    }
}

/// Counts calls of one token to one route, by the second that lies behind.
struct RateWindow {
    private var starts: [Duration] = []

    /// Counts a call at `now`, by a clock that never jumps.
    ///
    /// - Returns: Whether it is within `callsMax` a second; 0 for no limit.
    mutating func admits(at now: Duration, callsMax: Int) -> Bool {
        starts.removeAll { $0 + .seconds(1) <= now }
        guard callsMax > 0 else { return true }
        guard starts.count < callsMax else { return false }
        starts.append(now)
        return true
    }
}
