import Alerts
import GatewayTesting

/// BigPanda as it really is in a run, whatever the gateway hears of it.
struct BigPandaWorld {
    struct Incident {
        var isOpen = true
        /// When it last changed, in milliseconds of the run.
        var changedAt: Int
        /// When the period that it is open or closed in began.
        var periodBeganAt: Int
        /// When it was last changed while closed; the same second makes that hard to tell from
        /// a re-open.
        var wasClosedAt: Int?
        let environment: String
        /// The states it went through, for readings from the past.
        var past: [(at: Int, isOpen: Bool)] = []
    }

    static let environments = ["env-1", "env-2"]

    private(set) var incidents: [Int: Incident] = [:]

    /// Carries out what happens to an incident.
    ///
    /// - Returns: What BigPanda would tell of it; `nil` when nothing happened.
    mutating func carryOut(
        _ happening: Step.Happening, to number: Int, at now: Int
    ) -> Step.Happening? {
        guard var incident = incidents[number] else {
            guard happening == .opens || happening == .changes else { return nil }
            var new = Incident(
                changedAt: now, periodBeganAt: now,
                environment: Self.environments[number % Self.environments.count])
            new.past = [(now, true)]
            incidents[number] = new
            return .opens
        }
        var told = happening
        switch happening {
        case .opens, .changes:
            told = .changes
            if !incident.isOpen { incident.wasClosedAt = now }
        case .closes:
            guard incident.isOpen else { return nil }
            incident.wasClosedAt = now
            incident.turn(open: false, at: now)
        case .reopens:
            if incident.isOpen { told = .changes } else { incident.turn(open: true, at: now) }
        }
        incident.changedAt = now
        incident.past.append((now, incident.isOpen))
        incidents[number] = incident
        return told
    }

    /// What the API tells of an incident, as it was at `moment`; `nil` where it is not.
    func reading(of number: Int, in environment: String, asOf moment: Int) -> IncidentReading? {
        guard let incident = incidents[number], incident.environment == environment,
            let state = incident.past.last(where: { $0.at <= moment }) ?? incident.past.first
        else { return nil }
        return IncidentReading(
            isActive: state.isOpen, times: EventTimes(changedOn: Moment.inSeconds(state.at)))
    }

    func holds(_ number: Int, in environment: String) -> Bool {
        incidents[number]?.environment == environment
    }
}

extension BigPandaWorld.Incident {
    fileprivate mutating func turn(open: Bool, at now: Int) {
        isOpen = open
        periodBeganAt = now
    }
}

/// A moment of a run as others tell it.
enum Moment {
    /// As the gateway's clock has it.
    static func stamp(_ milliseconds: Int) -> Timestamp {
        Timestamp(milliseconds: StoreContract.Sample.start.milliseconds + Int64(milliseconds))
    }

    /// As BigPanda writes it: in whole seconds.
    static func inSeconds(_ milliseconds: Int) -> Timestamp {
        stamp(milliseconds - milliseconds % 1000)
    }
}

/// One webhook on its way, which may be delivered more than once.
struct Webhook {
    let incident: Int
    let event: WebhookEvent
    /// When what it tells happened.
    let happenedAt: Int
}

extension Webhook {
    /// What BigPanda sends when something has happened to an incident.
    init(
        _ told: Step.Happening, _ number: Int, _ incident: BigPandaWorld.Incident,
        serial: UInt64, style: History.Style, random: inout Randomness
    ) {
        let name: EventName
        switch told {
        case .opens: name = .new
        case .changes: name = .other
        case .closes: name = .closed
        case .reopens: name = .reopen
        }
        var event = WebhookEvent(
            incidentID: "inc-\(number)", name: random.chance(0.1) ? .missing : name,
            fingerprint: Fingerprint(high: 1, low: serial))
        let changedOn = Moment.inSeconds(incident.changedAt)
        switch style {
        case .allTimes: event.times = EventTimes(changedOn: changedOn, updatedOn: changedOn)
        case .onlyChangedOn: event.times = EventTimes(changedOn: changedOn)
        case .noTimes: break
        }
        switch random.within(0...29) {
        case 0...3: event.bigPandaStatus = incident.isOpen ? "critical" : "ok"
        // The push was written as the incident re-opened: BigPanda is to be asked.
        case 4 where name == .closed: event.active = true
        case _: event.active = incident.isOpen
        }
        switch random.within(0...3) {
        case 0: event.environmentID = nil
        case 1 where random.chance(0.3): event.environmentID = "env-9"
        case _: event.environmentID = incident.environment
        }
        self.init(incident: number, event: event, happenedAt: incident.changedAt)
    }
}
