import Alerts

/// Many histories, one after the other, each on a store of its own.
struct Campaign: Sendable {
    /// A history that broke a promise, made as short as dropping steps makes it.
    struct Finding: Sendable, CustomStringConvertible {
        let seed: UInt64
        let violation: Violation
        let shortest: String

        var description: String {
            """
            Seed \(seed) breaks a promise: \(violation)
            Its shortest history: \(shortest)
            Again: SIMULATION_FIRST=\(seed) SIMULATION_SEEDS=1 make check FILTER=SimulationTests
            """
        }
    }

    /// Runs at once; the machine that this is made for has so many cores.
    private static let lanesCount = 2

    /// Where each run keeps its store.
    let ground: any Ground.Type
    var mutant: Mutant?

    /// Plays the histories of `seeds`.
    ///
    /// - Returns: The first finding, if there is one.
    func play(_ seeds: Range<UInt64>) async -> Finding? {
        await withTaskGroup(of: Finding?.self) { group in
            for lane in 0..<Self.lanesCount {
                group.addTask {
                    for seed in seeds where Int(seed % UInt64(Self.lanesCount)) == lane {
                        guard !Task.isCancelled else { return nil }
                        let history = History(seed: seed)
                        if let violation = await violation(of: history) {
                            return await finding(history, violation)
                        }
                    }
                    return nil
                }
            }
            for await finding in group {
                if let finding {
                    group.cancelAll()
                    return finding
                }
            }
            return nil
        }
    }

    /// What a history breaks, if anything.
    func violation(of history: History) async -> Violation? {
        do {
            let run = try await Run(history, on: ground.init(), mutant: mutant)
            let violation: Violation?
            do {
                try await run.play()
                violation = nil
            } catch let error as Violation {
                violation = error
            }
            await run.ground.close(run.door.store)
            return violation
        } catch {
            return Violation(.quiet, "an error that nobody ordered: \(error)")
        }
    }

    private func finding(_ history: History, _ violation: Violation) async -> Finding {
        var shortest = history
        var last = violation
        var index = shortest.steps.count - 1
        while index >= 0 {
            var shorter = shortest
            shorter.steps.remove(at: index)
            if let found = await self.violation(of: shorter), found.promise == last.promise {
                shortest = shorter
                last = found
                // What came later may be needless now as well.
                index = shortest.steps.count
            }
            index -= 1
        }
        return Finding(seed: history.seed, violation: last, shortest: "\(shortest)")
    }
}
