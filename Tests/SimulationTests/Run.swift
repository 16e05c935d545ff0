import Alerts
import GatewayTesting

/// One history, played on one store in virtual time.
///
/// Everything that the gateway does for itself happens as it does in `CloseWorker`, `CallGate`,
/// `CloseCaller` and `ReadBackWorker`, with the real machines, budget and schedules.
final class Run {
    typealias Sample = StoreContract.Sample

    /// The gateway dies here.
    struct Crash: Error {}

    enum Action {
        case step(Step.Kind)
        case deliver(Webhook)
        /// BigPanda carries a close out that it has taken.
        case carryOut(Int)
        case restart
        case recover(life: Int)
        case work(life: Int)
        case admit(life: Int)
        case arrive(jobID: Int, life: Int, Job.Call, incident: Int)
        case answer(jobID: Int, life: Int, Job.Answer)
        case concludeAgain(jobID: Int, life: Int, ClaimedClose)
        case reconcile(life: Int)
        case checkKey(life: Int)
        case heal
    }

    /// How far a run may go before it counts as restless.
    private static let actionsMax = 20_000
    private static let millisecondsMax = 12 * 3_600_000

    let history: History
    let ground: any Ground
    var door: StoreDoor
    var world = BigPandaWorld()
    var random: Randomness
    var agenda = Agenda<Action>()
    var now = 0
    /// How many times the gateway died; what it had planned before means nothing afterwards.
    var life = 0
    var isUp = true
    var isHealed = false
    var stepsUntilCrash: Int?
    var downFor = 0
    var serial: UInt64 = 0
    var expectations: [Int: Expectation] = [:]

    // The faults of the moment.
    var fault: (kind: CallFault, callsLeft: Int)?
    var badKey: (isForbidden: Bool, until: Int)?
    var lag: (by: Int, until: Int)?

    // What the gateway holds in memory.
    var jobs: [Int: Job] = [:]
    var lastJobID = 0
    var gate = Gate()
    var underWay: Set<AlertID> = []
    var plannedWork: Int?
    var isChecking = false

    // What BigPanda and the judge noted.
    var arrivals: [Int] = []
    var runningCount = 0
    var uncertain: Set<Int> = []
    var cancelled: Set<CloseID> = []
    var givenUp: Set<CloseID> = []
    var acceptedCounts: [Int: Int] = [:]

    init(_ history: History, on ground: any Ground, mutant: Mutant?) async throws {
        self.history = history
        self.ground = ground
        door = StoreDoor(try await ground.open(), mutant: mutant)
        random = Randomness(seed: history.seed &+ 0x5eed)
    }

    /// Plays the history to its end, until everything is quiet, and judges what is left.
    ///
    /// - Throws: The `Violation` that was found, or a store's error that was not ordered.
    func play() async throws {
        try await StoreContract.prepare(door.store)
        try await prepareEndpoint()
        for step in history.steps { agenda.add(.step(step.kind), at: step.at) }
        agenda.add(.heal, at: history.healsAt)
        agenda.add(.reconcile(life: life), at: 45_000)
        try await playUntilQuiet()
        try await readFiringAlerts()
        try await playUntilQuiet()
        try await judge()
    }

    private func playUntilQuiet() async throws {
        var actionsCount = 0
        while let (at, action) = agenda.takeFirst() {
            now = at
            actionsCount += 1
            try require(
                actionsCount < Self.actionsMax && now < Self.millisecondsMax, .quiet,
                "still \(action) after \(actionsCount) actions and \(now) ms")
            do {
                try await perform(action)
            } catch is Crash {
                die()
            }
        }
    }

    private func perform(_ action: Action) async throws {
        switch action {
        case .step(let kind): try await take(kind)
        case .deliver(let webhook): try await deliver(webhook)
        case .carryOut(let incident): happen(.closes, to: incident)
        case .restart: try await restart()
        case .recover(let life): if life == self.life { try await recoverInterrupted() }
        case .work(let life): if life == self.life { try await work() }
        case .admit(let life): if life == self.life { try await admit() }
        case .arrive(let id, let life, let call, let incident):
            try arrive(id, life: life, call, incident: incident)
        case .answer(let id, let life, let answer):
            if life == self.life { try await take(answer, for: id) }
        case .concludeAgain(let id, let life, let claimed):
            if life == self.life { try await concludeAgain(id, claimed) }
        case .reconcile(let life): if life == self.life { try await reconcile() }
        case .checkKey(let life): if life == self.life { try await checkKey() }
        case .heal: heal()
        }
    }

    private func heal() {
        isHealed = true
        fault = nil
        badKey = nil
        lag = nil
        stepsUntilCrash = nil
        door.failuresLeft = 0
    }

    /// The gateway has done one thing; this may have been its last.
    func tick() throws {
        guard let left = stepsUntilCrash else { return }
        guard left > 0 else {
            stepsUntilCrash = nil
            throw Crash()
        }
        stepsUntilCrash = left - 1
    }

    func die() {
        guard isUp else { return }
        isUp = false
        stepsUntilCrash = nil
        life += 1
        jobs = [:]
        gate = Gate()
        underWay = []
        plannedWork = nil
        isChecking = false
        runningCount = 0
        // A millisecond tells the claims of one life from those of the next.
        agenda.add(.restart, at: now + max(downFor, type(of: ground).recoveryDelay > 0 ? 1 : 0))
    }

    private func restart() async throws {
        isUp = true
        await ground.close(door.store)
        door.store = try await ground.open()
        gate = Gate(resumedAt: now)
        do {
            try await door.recoverInterruptedCloses(at: Moment.stamp(now))
        } catch {
            // It ends with a line in the log, and whoever watches over it starts it again.
            downFor = 2000
            throw Crash()
        }
        let delay = type(of: ground).recoveryDelay
        // Just before the first claims of this life would count as left behind.
        if delay > 0 { agenda.add(.recover(life: life), at: now + delay - 1) }
        try tick()
        kick()
        if !isHealed { agenda.add(.reconcile(life: life), at: now + 2000) }
        if try await isPaused() { planKeyCheck(after: 1000) }
    }

    func isPaused() async throws -> Bool {
        try await door.store.integrations().contains { $0.state.isPaused }
    }
}
