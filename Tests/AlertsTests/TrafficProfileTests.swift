import Testing

@testable import Alerts

@Suite struct TrafficProfileTests {
    /// Whether webhooks come in a span, by its number since a Monday at midnight.
    private typealias Habit = @Sendable (_ span: Int, inout Chance) -> Bool

    /// A source that is watched span by span.
    private struct Watched {
        var profile = TrafficProfile()
        var count = 0
        /// Since Monday, 2026-01-05T00:00:00Z.
        var span = 0
        var isQuiet: Bool { profile.judge(count: count).state == .quiet }

        /// Lets a span go by, of which the end is seen.
        mutating func pass(_ hasCome: Bool) {
            if span == 0 { look() }
            if hasCome { count += 3 }
            span += 1
            look()
        }

        mutating func look() {
            let seconds = 1_767_571_200 + Int64(span) * TrafficProfile.spanSeconds
            profile.observe(count: count, at: Timestamp(milliseconds: seconds * 1000))
        }

        /// Lets weeks go by, and says how often the source became quiet.
        mutating func live(weeks: Int, _ chance: inout Chance, _ habit: Habit) -> Int {
            var alarms = 0
            for _ in 0..<(weeks * 1008) {
                let wasQuiet = isQuiet
                pass(habit(span, &chance))
                if isQuiet, !wasQuiet { alarms += 1 }
            }
            return alarms
        }

        /// Lets silent spans go by until the source is quiet; `nil` if it is not by then.
        mutating func spansUntilQuiet(atMost limit: Int) -> Int? {
            for spans in 1...limit {
                pass(false)
                if isQuiet { return spans }
            }
            return nil
        }
    }

    /// Draws by a seed.
    ///
    /// Source: Sebastiano Vigna's SplitMix64, prng.di.unimi.it/splitmix64.c.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        mutating func hit(_ chance: Double) -> Bool {
            Double.random(in: 0..<1, using: &self) < chance
        }
    }

    private static func hour(_ span: Int) -> Int { span / 6 % 24 }
    private static func isWeekend(_ span: Int) -> Bool { span / 144 % 7 > 4 }

    /// Comes in every span, day and night.
    private static let always: Habit = { _, _ in true }
    /// Comes in nearly every span, day and night.
    private static let busy: Habit = { _, chance in chance.hit(0.97) }
    /// Comes by day on working days, and hardly ever else.
    private static let office: Habit = { span, chance in
        chance.hit((8..<18).contains(hour(span)) && !isWeekend(span) ? 0.7 : 0.02)
    }
    /// Comes three times a day or so.
    private static let rare: Habit = { _, chance in chance.hit(0.02) }
    /// Comes in storms of a few hours, with a day or more between them.
    private static let storms: Habit = { span, chance in
        var storm = Chance(state: UInt64(span / 18))
        return storm.hit(0.15) && chance.hit(0.9)
    }
    private static let habits = ["busy": busy, "office": office, "rare": rare]

    @Test(arguments: ["busy", "office", "rare"], 1...3)
    func `nobody is woken for what is usual, at night and at the weekend too`(
        habit: String, seed: Int
    ) throws {
        var (source, chance) = (Watched(), Chance(state: UInt64(seed)))
        let habit = try #require(Self.habits[habit])
        #expect(source.live(weeks: 12, &chance, habit) == 0)
    }

    @Test func `one of storms is told of days without any, and not of each`() throws {
        var (source, chance) = (Watched(), Chance(state: 1))
        #expect(source.live(weeks: 12, &chance, Self.storms) <= 3)
        let found = source.spansUntilQuiet(atMost: 1008)
        let spans = try #require(found)
        #expect(spans > 144, "\(spans)")
    }

    @Test func `a source that is never silent is quiet within the hour`() throws {
        var (source, chance) = (Watched(), Chance(state: 4))
        _ = source.live(weeks: 3, &chance, Self.always)
        #expect(source.spansUntilQuiet(atMost: 9) == 5)
        source = Watched()
        _ = source.live(weeks: 3, &chance, Self.busy)
        let found = source.spansUntilQuiet(atMost: 19)
        let spans = try #require(found)
        #expect((5...8).contains(spans), "\(spans)")
    }

    @Test func `a source of working days is missed in the morning, not in the night`() throws {
        var (source, chance) = (Watched(), Chance(state: 5))
        _ = source.live(weeks: 6, &chance, Self.office)
        // Until Monday, 18:00, it is as ever; then it falls silent.
        for _ in 0..<(18 * 6) { source.pass(Self.office(source.span, &chance)) }
        let found = source.spansUntilQuiet(atMost: 144)
        let spans = try #require(found)
        let hour = (18 + spans / 6) % 24
        #expect((9...13).contains(hour), "\(hour)")
        let judgement = source.profile.judge(count: source.count)
        #expect(judgement.silentSpans >= spans)
        #expect(judgement.missedSpans > 5 && judgement.missedSpans < spans / 2, "\(judgement)")
    }

    @Test func `nothing is judged before two weeks were seen`() {
        var (source, chance) = (Watched(), Chance(state: 6))
        _ = source.live(weeks: 1, &chance, Self.busy)
        #expect(source.spansUntilQuiet(atMost: 1007) == nil)
        #expect(source.profile.judge(count: source.count).state == .learning)
        #expect(source.profile.judge(count: source.count).daysLearned == 13)
    }

    @Test func `one webhook ends it at once, and nothing of the outage is learned`() throws {
        var (source, chance) = (Watched(), Chance(state: 7))
        _ = source.live(weeks: 3, &chance, Self.always)
        let before = source.profile.chance(inHour: 30)
        // Three days.
        for _ in 0..<432 { source.pass(false) }
        #expect(source.isQuiet)
        source.count += 1
        #expect(!source.isQuiet)
        #expect(source.profile.judge(count: source.count).silentSpans == 0)
        source.pass(true)
        #expect(source.profile.chance(inHour: 30) == before)
        // The next outage takes twice as long to be told, as this silence ended by itself.
        let found = source.spansUntilQuiet(atMost: 30)
        let spans = try #require(found)
        #expect(spans == 10)
    }

    @Test func `what the gateway slept through is no silence`() {
        var (source, chance) = (Watched(), Chance(state: 8))
        _ = source.live(weeks: 3, &chance, Self.busy)
        let seen = source.profile.spansSeen
        source.span += 500
        source.look()
        #expect(!source.isQuiet)
        #expect(source.profile.spansSeen == seen)
        #expect(source.profile.judge(count: source.count).silentSpans == 0)
        // Nor is a clock that is set back.
        source.span -= 700
        source.look()
        source.span += 1
        source.look()
        #expect(source.profile.spansSeen == seen + 1)
    }

    @Test func `a source that is switched off and on is not quiet`() {
        var (source, chance) = (Watched(), Chance(state: 9))
        _ = source.live(weeks: 3, &chance, Self.busy)
        for _ in 0..<20 { source.pass(false) }
        #expect(source.isQuiet)
        source.profile.pause()
        #expect(!source.isQuiet)
        source.pass(false)
        #expect(source.profile.judge(count: source.count).silentSpans == 0)
    }

    @Test func `a profile comes back as it was kept, and nothing else is read`() {
        var (source, chance) = (Watched(), Chance(state: 10))
        _ = source.live(weeks: 3, &chance, Self.office)
        let bytes = source.profile.bytes
        #expect(bytes.count == 737)
        #expect(TrafficProfile(bytes: bytes) == source.profile)
        #expect(TrafficProfile(bytes: TrafficProfile().bytes) == TrafficProfile())
        var spoiled = bytes
        spoiled[0] = 9
        #expect(TrafficProfile(bytes: spoiled) == nil)
        #expect(TrafficProfile(bytes: []) == nil)
        #expect(TrafficProfile(bytes: Array(bytes.dropLast())) == nil)
        for index in bytes.indices.dropFirst() {
            spoiled = bytes
            spoiled[index] = 0xff
            guard var read = TrafficProfile(bytes: spoiled) else { continue }
            // What is read can be gone on with.
            read.observe(count: 1, at: Timestamp(milliseconds: 1_900_000_000_000))
            read.observe(count: 1, at: Timestamp(milliseconds: 1_900_000_600_000))
        }
    }

    @Test(arguments: [(0, 0), (0.5, 1), (0.75, 2), (0.9375, 4), (0.3, 0.514_573), (1, 4)])
    func `surprise is the logarithm`(chance: Double, bits: Double) {
        #expect(abs(TrafficProfile.bits(ofMissing: chance) - bits) < 0.000_05)
    }
}
