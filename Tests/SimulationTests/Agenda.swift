/// What is still to happen, soonest first; at one moment in the order in which it was put down.
struct Agenda<Action> {
    private struct Entry {
        let at: Int
        let action: Action
    }

    // Latest first, so that the soonest is taken off the end.
    private var entries: [Entry] = []

    var count: Int { entries.count }

    mutating func add(_ action: Action, at moment: Int) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].at > moment { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(at: moment, action: action), at: low)
    }

    mutating func takeFirst() -> (at: Int, action: Action)? {
        entries.popLast().map { ($0.at, $0.action) }
    }
}
