extension History {
    /// Makes the history of a seed.
    init(seed: UInt64) {
        var maker = HistoryMaker(seed: seed)
        self = maker.make()
    }
}

/// Draws a history: a few incidents, and for each what BigPanda and operators do with it.
private struct HistoryMaker {
    private let seed: UInt64
    private var random: Randomness
    private var steps: [Step] = []
    private var span = 0

    init(seed: UInt64) {
        self.seed = seed
        random = Randomness(seed: seed)
    }

    mutating func make() -> History {
        // Everything within seconds, within minutes, or over the time of a reconciliation.
        span = random.element([4000, 20_000, 90_000, 420_000])
        let style = random.element([
            History.Style.allTimes, .allTimes, .onlyChangedOn, .onlyChangedOn, .noTimes,
        ])
        let isStorm = random.chance(0.04)
        for incident in 0..<(isStorm ? 12 : random.within(1...3)) {
            isStorm ? addShortLife(incident) : addLife(incident)
        }
        for _ in 0..<random.within(0...4) { addTrouble() }
        steps.sort { $0.at < $1.at }
        return History(seed: seed, style: style, healsAt: span + 30_000, steps: steps)
    }

    private mutating func add(_ at: Int, _ kind: Step.Kind) {
        steps.append(Step(at: at, kind: kind))
    }

    /// One of many incidents that are closed at once.
    private mutating func addShortLife(_ incident: Int) {
        add(random.within(0...500), .incident(incident, .opens, copies: [random.within(5...400)]))
        add(random.within(1500...2500), .resolve(incident))
        if random.chance(0.2) {
            add(random.within(2600...span), .incident(incident, .reopens, copies: [300]))
        }
    }

    private mutating func addLife(_ incident: Int) {
        let start = random.within(0...(span / 4))
        add(start, .incident(incident, .opens, copies: copies()))
        for _ in 0..<random.within(1...6) {
            let at = random.within(start...span)
            switch random.within(0...12) {
            case 0...2: add(at, .incident(incident, .changes, copies: copies()))
            case 3...4: add(at, .incident(incident, .closes, copies: copies()))
            case 5...6: add(at, .incident(incident, .reopens, copies: copies()))
            case 7...10: add(at, .resolve(incident))
            case 11: add(at, .cancel(incident))
            case _: add(at, .retry(incident))
            }
        }
        if random.chance(0.7) { add(random.within(start...span), .resolve(incident)) }
        if random.chance(0.15) { addReturn(incident) }
    }

    /// A close that is given up by hand, or overtaken, and owed again shortly after.
    private mutating func addReturn(_ incident: Int) {
        let at = random.within((span / 2)...span)
        add(at, .resolve(incident))
        if random.chance(0.5) {
            add(at + random.within(20...900), .cancel(incident))
        } else {
            add(at + random.within(20...1500), .incident(incident, .reopens, copies: [20]))
        }
        add(at + random.within(900...4000), .resolve(incident))
    }

    /// When the copies of a webhook arrive; none when it is lost.
    private mutating func copies() -> [Int] {
        switch random.within(0...9) {
        case 0: []
        case 1: [random.within(5...400), random.within(5...8000)]
        case 2...3: [random.within(1000...30_000)]
        case _: [random.within(5...400)]
        }
    }

    private mutating func addTrouble() {
        let at = random.within(0...span)
        switch random.within(0...11) {
        case 0...2:
            add(at, .crash(afterSteps: random.within(0...25), downFor: random.within(100...9000)))
        case 3...8:
            // Giving up and lying for good are rare, or closes would mostly end that way.
            var fault = random.element(CallFault.allCases)
            if fault == .notFound || fault == .refused, random.chance(0.6) { fault = .slow }
            add(at, .fault(fault, calls: random.within(1...5)))
        case 9:
            add(
                at,
                .badKey(isForbidden: random.chance(0.3), for: random.within(500...80_000)))
        case 10: add(at, .lag(by: random.within(1000...20_000), for: random.within(1000...60_000)))
        case _: add(at, .storeTrouble(calls: random.within(1...4)))
        }
    }
}
