/// What happens to a gateway and its BigPanda from outside, step by step.
///
/// With its seed it determines a run completely: a step that is dropped leaves a history that runs
/// as well, which is how a failing one is made shorter.
struct History {
    let seed: UInt64
    let style: Style
    /// When all faults end, in milliseconds.
    let healsAt: Int
    var steps: [Step]

    /// Which times BigPanda's webhooks carry.
    enum Style {
        case allTimes, onlyChangedOn, noTimes
    }
}

/// One thing that happens.
struct Step {
    /// Milliseconds since the run began.
    let at: Int
    let kind: Kind

    enum Kind {
        /// Something happens to an incident in BigPanda, which tells by webhook.
        case incident(Int, Happening, copies: [Int])
        case resolve(Int)
        case cancel(Int)
        case retry(Int)
        /// After so many more steps of its own the gateway dies, and stays away for so long.
        case crash(afterSteps: Int, downFor: Int)
        /// So many of the calls that follow go wrong.
        case fault(CallFault, calls: Int)
        /// For so long BigPanda does not like the key.
        case badKey(isForbidden: Bool, for: Int)
        /// For so long readings are from so long ago.
        case lag(by: Int, for: Int)
        /// So many calls of the store fail, and change nothing.
        case storeTrouble(calls: Int)
    }

    /// What happens to an incident.
    enum Happening: String {
        case opens, changes, closes, reopens
    }
}

/// What goes wrong with a call to BigPanda.
enum CallFault: CaseIterable {
    case slow, serverError, unavailable, rateLimited
    case resetBefore, appliedThenReset, timesOut, carriedOutLate
    /// 202 without effect.
    case lies
    case garbage, notFound, refused
}

extension History: CustomStringConvertible {
    var description: String {
        var lines = ["seed \(seed), \(style), heals at \(healsAt) ms"]
        for step in steps { lines.append("  at \(step.at) ms: \(step.kind)") }
        return lines.joined(separator: "\n")
    }
}
