/// When webhooks of a source come in over a week, learned from what came.
///
/// Time is cut into spans of ten minutes. For each hour of the week it is known, with the last
/// weeks counting most, in what share of its spans a webhook came: a storm of hundreds counts as
/// much as one. The chance that a silence is none but by accident follows from the spans that it
/// has lasted, each by its hour of the week, and is counted in bits: each bit halves it.
///
/// Such chances hold for webhooks that come independently of each other, which they hardly do. So a
/// silence has to weigh twice as much as the heaviest one that ended by itself, too.
package struct TrafficProfile: Sendable, Equatable {
    /// What a span lasts, in seconds.
    package static let spanSeconds: Int64 = 600
    /// Spans seen before anything is judged: 14 days, which have each weekend twice.
    package static let spansToLearn = 2016
    /// No silence is judged by less: one chance in a million.
    static let bitsMin = 20.0
    /// What one span counts at most, so that five silent ones in a row are the least.
    static let bitsPerSpanMax = 4.0
    /// How much heavier than the heaviest one that ended by itself a silence has to be.
    static let factor = 2.0
    /// How many spans with a webhook the share of the same hour on all days is worth.
    static let usualWeight = 1.0
    /// Silences that began before a week was seen are weighed by too little to raise the bar.
    static let spansToWeigh = 1008

    /// The span in which webhooks were last counted; `nil` while nobody watches.
    private(set) var span: Int64?
    /// The webhooks that the source had had then.
    private(set) var count = 0
    /// Whole spans that were watched.
    package private(set) var spansSeen = 0
    /// Whole spans since the last webhook, as far as they were watched.
    private(set) var silentSpans = 0
    /// Those at its end, one after the other, of which nothing was learned yet.
    private(set) var pendingSpans = 0
    /// How many of these would have brought a webhook, in 65,536ths.
    private(set) var missedParts = 0
    /// How unlikely the silence is, in 65,536ths of a bit.
    private(set) var silenceParts = 0
    /// How unlikely the heaviest silence was that ended, less as time goes by.
    private(set) var heaviestParts = 0
    /// Of each hour of the week, the weight of its spans and of those with a webhook, in 1,024ths.
    private(set) var weights = [UInt16](repeating: 0, count: 2 * hoursCount)

    static let hoursCount = 168
    private static let spansPerHour: Int64 = 6
    private static let partsPerBit = 65_536.0
    /// Nothing weighs more than this, which no source lives to see.
    private static let partsMax = 1 << 52
    /// A span's weight when it is new; it loses a 35th with each further one in its hour of the
    /// week, half within four weeks.
    private static let weightOfOne: UInt16 = 1024
    private static let weightLoss: UInt16 = 35
    /// At every span the heaviest silence loses this part, half within eight weeks.
    private static let heaviestLoss = 11_694

    /// Knows nothing.
    package init() {}

    /// Takes in how many webhooks the source has had until now; to be told about once a minute.
    ///
    /// A span counts only if webhooks were counted at its beginning and at its end: what the
    /// gateway slept through was no silence of the source.
    package mutating func observe(count: Int, at now: Timestamp) {
        let current = max(0, now.milliseconds) / 1000 / Self.spanSeconds
        guard let before = span, current >= before else {
            // The first look, or the clock was set back.
            (span, self.count) = (current, count)
            return
        }
        guard current > before else { return }
        let hasCome = count != self.count
        let isWatched = current == before + 1
        if isWatched, !hasCome {
            noteSilence(in: before)
        } else {
            learnSilence(upTo: before)
            if isWatched { noteWebhook(in: before) }
            if hasCome { endSilence() }
        }
        (span, self.count) = (current, count)
    }

    /// Stops watching: what is not taken in can't be missed.
    package mutating func pause() {
        span = nil
        (silentSpans, missedParts, silenceParts, pendingSpans) = (0, 0, 0, 0)
    }

    /// What is to be said of the source that has had `count` webhooks.
    package func judge(count: Int) -> TrafficJudgement {
        let hasCome = span != nil && count != self.count
        return TrafficJudgement(
            state: isLearning ? .learning : isQuiet && !hasCome ? .quiet : .normal,
            daysLearned: spansSeen / 144, silentSpans: hasCome ? 0 : silentSpans,
            missedSpans: hasCome ? 0 : Int((Double(missedParts) / Self.partsPerBit).rounded()))
    }

    private var isQuiet: Bool { !isLearning && silenceParts >= barParts }

    /// Whether too little was known when the silence began.
    private var isLearning: Bool { spansSeen - silentSpans < Self.spansToLearn }

    /// What a silence has to weigh, in 65,536ths of a bit.
    private var barParts: Int {
        Int(max(Self.bitsMin * Self.partsPerBit, Self.factor * Double(heaviestParts)))
    }

    private mutating func noteSilence(in span: Int64) {
        age()
        let chance = chance(inHour: Self.hour(ofSpan: span))
        silentSpans = min(silentSpans + 1, Int(Int32.max))
        pendingSpans = min(pendingSpans + 1, Int(Int32.max))
        missedParts = min(missedParts + Int(chance * Self.partsPerBit), Self.partsMax)
        let parts = silenceParts + Int(Self.bits(ofMissing: chance) * Self.partsPerBit)
        silenceParts = min(parts, Self.partsMax)
    }

    private mutating func noteWebhook(in span: Int64) {
        age()
        learn(true, in: span)
    }

    private mutating func age() {
        spansSeen = min(spansSeen + 1, Int(Int32.max))
        heaviestParts -= heaviestParts / Self.heaviestLoss
    }

    /// Learns from the silent spans before `end`, now that they are over.
    ///
    /// Not sooner: a silence must not become usual by going on. One that was out of the ordinary is
    /// not how it usually is.
    private mutating func learnSilence(upTo end: Int64) {
        let count = isQuiet ? 0 : min(pendingSpans, Self.hoursCount * Int(Self.spansPerHour))
        for offset in stride(from: Int64(count), to: 0, by: -1) {
            learn(false, in: max(0, end - offset))
        }
        pendingSpans = 0
    }

    private mutating func learn(_ hasCome: Bool, in span: Int64) {
        let hour = Self.hour(ofSpan: span)
        for (offset, counts) in [(0, true), (1, hasCome)] {
            let old = weights[2 * hour + offset]
            let kept = old - old / Self.weightLoss
            weights[2 * hour + offset] = kept + (counts ? Self.weightOfOne : 0)
        }
    }

    private mutating func endSilence() {
        // An outage does not make all later ones look usual: it raises the bar by one step.
        let most = isQuiet ? barParts : silenceParts
        if spansSeen - silentSpans >= Self.spansToWeigh {
            heaviestParts = max(heaviestParts, most)
        }
        (silentSpans, missedParts, silenceParts) = (0, 0, 0)
    }

    private static func hour(ofSpan span: Int64) -> Int {
        Int(span / spansPerHour % Int64(hoursCount))
    }

    /// All numbers, in the order in which they are kept.
    var numbers: [Int64] {
        [
            span ?? -1, Int64(count), Int64(spansSeen), Int64(silentSpans), Int64(missedParts),
            Int64(silenceParts), Int64(heaviestParts), Int64(pendingSpans),
        ]
    }

    /// Puts together what was kept.
    init(numbers: [Int], weights: [UInt16]) {
        span = numbers[0] < 0 ? nil : Int64(numbers[0])
        (count, spansSeen, silentSpans) = (numbers[1], numbers[2], numbers[3])
        (missedParts, silenceParts, heaviestParts) = (numbers[4], numbers[5], numbers[6])
        pendingSpans = numbers[7]
        self.weights = weights
    }
}

extension TrafficProfile {
    /// The chance of a webhook in a span of an hour of the week.
    ///
    /// Of the hour and its neighbours the least busy one counts: a day that begins an hour later,
    /// or a clock that people set, is no silence.
    func chance(inHour hour: Int) -> Double {
        let hours = [hour + Self.hoursCount - 1, hour, hour + 1].map { $0 % Self.hoursCount }
        let least = hours.map(share(ofHour:)).min() ?? 0
        return min(least, 15.0 / 16)
    }

    /// The share of spans with a webhook, drawn to that of the same hour on all days as if one with
    /// a webhook had been seen there, and to none as long as little is known.
    private func share(ofHour hour: Int) -> Double {
        var (seen, come) = (0.0, 0.0)
        for day in 0..<7 {
            let index = day * 24 + hour % 24
            seen += weight(2 * index)
            come += weight(2 * index + 1)
        }
        let usual = come / (seen + 1)
        return (weight(2 * hour + 1) + Self.usualWeight) * usual
            / (weight(2 * hour) * usual + Self.usualWeight)
    }

    private func weight(_ index: Int) -> Double {
        Double(weights[index]) / Double(Self.weightOfOne)
    }

    /// How many bits of surprise there are in missing what had this chance: the logarithm to base 2
    /// of 1 - `chance`, without its sign.
    ///
    /// Source: ln m = 2 artanh((m - 1) / (m + 1)); four terms are good to five digits up to m = 2.
    static func bits(ofMissing chance: Double) -> Double {
        let rest = max(1 - chance, .ulpOfOne)
        let ratio = (rest.significand - 1) / (rest.significand + 1)
        let square = ratio * ratio
        let series = ratio * (1 + square * (1.0 / 3 + square * (1.0 / 5 + square / 7)))
        return min(bitsPerSpanMax, max(0, -(Double(rest.exponent) + 2 * series * 1.442_695_04)))
    }
}

/// What is to be said of a source's webhooks.
package struct TrafficJudgement: Sendable, Equatable {
    /// How it looks.
    package enum State: String, Sendable, CaseIterable {
        /// Too little is known.
        case learning
        /// No silence, or none that is out of the ordinary.
        case normal
        /// Webhooks are missing.
        case quiet
    }

    /// How it looks.
    package let state: State
    /// Whole days that were watched.
    package let daysLearned: Int
    /// Spans of ten minutes without a webhook, since the last one.
    package let silentSpans: Int
    /// How many of them usually bring one.
    package let missedSpans: Int

    /// Puts one together.
    package init(state: State, daysLearned: Int, silentSpans: Int, missedSpans: Int) {
        self.state = state
        self.daysLearned = daysLearned
        self.silentSpans = silentSpans
        self.missedSpans = missedSpans
    }
}

/// Keeps what was learned of each source's webhooks; every call is one transaction.
package protocol TrafficStore: Sendable {
    /// What was learned of the sources in use; of those that something was learned of.
    func trafficProfiles() async throws(StoreError) -> [SourceID: TrafficProfile]
    /// Writes some over; one of a source that is out of use is left out.
    func write(_ profiles: [SourceID: TrafficProfile]) async throws(StoreError)
}
