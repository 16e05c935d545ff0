import Testing

/// Shows that the simulation finds gateways that are wrong, each in a way of its own.
@Suite struct MutantTests {
    @Test(arguments: Mutant.allCases)
    func `a gateway that is wrong is found within 400 histories`(mutant: Mutant) async throws {
        let finding = await Campaign(ground: MemoryGround.self, mutant: mutant).play(1..<401)
        #expect(finding != nil, "nobody notices that the gateway \(mutant)")
    }

    @Test func `a finding is as short as its reason`() async throws {
        let finding = await Campaign(ground: MemoryGround.self, mutant: .losesAResolve).play(
            1..<401)
        let lines = try #require(finding).shortest.split(separator: "\n")
        // The seed; an incident opens, is resolved, and something shows that it was not.
        #expect(lines.count <= 4, "\(lines)")
    }
}
