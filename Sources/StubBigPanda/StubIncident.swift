/// An incident with its one alert.
struct StubIncident: Equatable {
    let id: String
    let alertID: String
    /// What people call it; without one it is named by its alert's host and check.
    var title: String?
    var status: StubStatus
    /// The highest status that it ever had.
    var severity: StubStatus
    var environmentID: String
    var tags: [StubTag]
    var flapping = false
    var snoozed = false
    var isActive: Bool
    /// Whether a webhook has ever told of it.
    var isShared = false
    /// How many calls to close it were accepted, whether or not the caller heard of it.
    var closesAccepted = 0
    /// Seconds since the epoch, as all its times.
    let startedOn: Int64
    private(set) var changedOn: Int64
    private(set) var updatedOn: Int64
    private(set) var endedOn: Int64?
    /// Newest last.
    private(set) var activities: [Activity] = []

    /// Something that happened to it.
    struct Activity: Equatable {
        let type: String
        let at: Int64
    }

    init(
        id: String, alertID: String, status: StubStatus, environmentID: String, tags: [StubTag],
        at now: Int64
    ) {
        self.id = id
        self.alertID = alertID
        self.status = status
        severity = status
        self.environmentID = environmentID
        self.tags = tags
        isActive = status != .ok
        startedOn = now
        changedOn = now
        updatedOn = now
        endedOn = isActive ? nil : now
        note("incident_created", at: now)
    }

    /// Takes a status; `ok` closes the incident, as every alert of it is ok then.
    mutating func take(_ status: StubStatus, at now: Int64) {
        self.status = status
        severity = max(severity, status)
        if status == .ok, isActive { end(at: now) }
        touch(at: now)
    }

    /// Closes it; one that is closed already stays as it is.
    mutating func close(by activity: String, at now: Int64) {
        guard isActive else { return }
        status = .ok
        end(at: now)
        touch(at: now)
        note(activity, at: now)
    }

    /// Opens it again; one that is open stays so.
    mutating func reopen(_ status: StubStatus?, at now: Int64) {
        let before = severity == .ok ? StubStatus.critical : severity
        self.status = status ?? (self.status == .ok ? before : self.status)
        severity = max(severity, self.status)
        isActive = true
        endedOn = nil
        touch(at: now)
        note("incident_reopen", at: now)
    }

    /// Marks it as changed; times never go back, as clocks may.
    mutating func touch(at now: Int64) {
        changedOn = max(changedOn, now)
        updatedOn = max(updatedOn, now)
    }

    mutating func note(_ type: String, at now: Int64) {
        activities.append(Activity(type: type, at: now))
        if activities.count > StubLimits.activitiesMax { activities.removeFirst() }
    }

    private mutating func end(at now: Int64) {
        isActive = false
        endedOn = max(changedOn, now)
    }
}

/// A tag of an incident's alert.
struct StubTag: Equatable {
    let name: String
    let value: String
}

/// BigPanda's words for the state of an alert, the worst last.
enum StubStatus: String, CaseIterable, Comparable {
    case ok, acknowledged, unknown, warning, critical

    static func < (lhs: StubStatus, rhs: StubStatus) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
