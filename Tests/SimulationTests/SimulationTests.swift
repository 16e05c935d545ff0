import EventLoop
import GatewayTesting
import Testing

/// `SIMULATION_SEEDS` says how many histories are played, `SIMULATION_FIRST` from which seed on.
@Suite struct SimulationTests {
    static func count(_ usual: UInt64) -> UInt64 {
        ProcessEnvironment.value("SIMULATION_SEEDS").flatMap { UInt64($0) } ?? usual
    }

    static func seeds(_ usual: UInt64) -> Range<UInt64> {
        let first = ProcessEnvironment.value("SIMULATION_FIRST").flatMap { UInt64($0) } ?? 1
        return first..<first + count(usual)
    }

    @Test func `every history keeps every promise, in memory`() async {
        let finding = await Campaign(ground: MemoryGround.self).play(Self.seeds(10_000))
        #expect(finding == nil, "\(finding.map { "\($0)" } ?? "")")
    }

    @Test func `every history keeps every promise, on SQLite`() async {
        let seeds = Self.seeds(300)
        // A long campaign is for memory; a file of its own for each history takes its time.
        let finding = await Campaign(ground: SQLiteGround.self).play(
            seeds.lowerBound..<min(seeds.upperBound, seeds.lowerBound + 10_000))
        #expect(finding == nil, "\(finding.map { "\($0)" } ?? "")")
    }

    @Test func `every history keeps every promise, on PostgreSQL`() async throws {
        let seeds = Self.seeds(100)
        // The catalogue of the tests' server holds the tables of every history.
        let some = seeds.lowerBound..<min(seeds.upperBound, seeds.lowerBound + 1000)
        let finding = try await LoopFixture.run(deadline: .seconds(600)) {
            await Campaign(ground: PostgresGround.self).play(some)
        }
        #expect(finding == nil, "\(finding.map { "\($0)" } ?? "")")
    }

    @Test func `a seed is played the same way each time`() {
        #expect("\(History(seed: 7))" == "\(History(seed: 7))")
        #expect("\(History(seed: 7))" != "\(History(seed: 8))")
    }
}
