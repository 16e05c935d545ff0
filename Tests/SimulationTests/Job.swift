import Alerts

/// One piece of work with BigPanda: the calls of one step of a close, or of a reading.
///
/// Makes the calls in the order in which `CloseCaller` and `IncidentFinder` make them.
struct Job {
    enum Purpose {
        case close(ClaimedClose)
        case reading(AlertID)
        case keyCheck
    }

    enum Call: Equatable {
        case read(String)
        case environments
        case close(String)
    }

    enum Answer {
        case environments
        case reading(IncidentReading)
        case accepted(isAlreadyClosed: Bool)
        case failure(CallFailure)
    }

    enum Next {
        case call
        case read(IncidentReading)
        case concluded(CloseMachine.Result, environment: String?)
        case keyIsGood
    }

    let purpose: Purpose
    /// The number of the incident; none for a check of the key.
    let incident: Int
    /// When it was begun.
    let begunAt: Int
    private let preferred: String
    private let closesWhatItFinds: Bool
    private(set) var call: Call
    private var isSearching = false
    private var unasked: [String] = []

    init(close claimed: ClaimedClose, incident: Int, at now: Int) {
        purpose = .close(claimed)
        self.incident = incident
        begunAt = now
        preferred = claimed.environmentID ?? BigPandaWorld.environments[0]
        closesWhatItFinds = claimed.close.state != .sent && claimed.close.nextStep == .close
        call = closesWhatItFinds ? .close(preferred) : .read(preferred)
    }

    init(reading alert: Alert, incident: Int, at now: Int) {
        purpose = .reading(alert.id)
        self.incident = incident
        begunAt = now
        preferred = alert.environmentID ?? BigPandaWorld.environments[0]
        closesWhatItFinds = false
        call = .read(preferred)
    }

    init(keyCheckAt now: Int) {
        purpose = .keyCheck
        incident = -1
        begunAt = now
        preferred = ""
        closesWhatItFinds = false
        call = .environments
    }

    /// Who goes first when several wait: the order of `CallGate.Urgency`.
    var urgency: Int {
        switch purpose {
        case .keyCheck: 0
        case .close: 1
        case .reading: 2
        }
    }

    /// Decides what follows an answer.
    mutating func take(_ answer: Answer) -> Next {
        switch (call, answer) {
        case (.environments, .environments):
            if case .keyCheck = purpose { return .keyIsGood }
            unasked = BigPandaWorld.environments.filter { $0 != preferred }
            return askNext()
        case (.read(let environment), .reading(var reading)):
            reading.environmentID = environment
            guard isSearching, closesWhatItFinds, reading.isActive else { return .read(reading) }
            call = .close(environment)
            return .call
        case (.read, .failure(.keyForbidden)) where isSearching: return askNext()
        case (.read, .failure(.notFound)) where isSearching: return askNext()
        case (.read, .failure(.notFound)): return search()
        case (.close, .failure(.notFound)) where !isSearching: return search()
        case (.close(let environment), .accepted(let isAlreadyClosed)):
            return .concluded(.accepted(isAlreadyClosed: isAlreadyClosed), environment: environment)
        case (.close, .failure(.unknown(let reason))):
            return .concluded(.unknown(reason: reason), environment: nil)
        case (_, .failure(let failure)):
            return .concluded(failure.asRead, environment: nil)
        case (_, _):
            preconditionFailure("\(call) can't be answered so")
        }
    }

    private mutating func search() -> Next {
        isSearching = true
        call = .environments
        return .call
    }

    private mutating func askNext() -> Next {
        guard !unasked.isEmpty else { return .concluded(.notFound, environment: nil) }
        call = .read(unasked.removeFirst())
        return .call
    }
}

extension CallFailure {
    /// What the failure of a call that only reads means for a close.
    fileprivate var asRead: CloseMachine.Result {
        switch self {
        case .keyRejected: .keyRejected
        case .keyForbidden: .keyForbidden
        case .notFound: .notFound
        case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
        case .delayed(let reason, let retryAfter): .delayed(reason: reason, retryAfter: retryAfter)
        case .unknown(let reason): .delayed(reason: reason, retryAfter: nil)
        case .notBigPanda(let reason): .delayed(reason: reason, retryAfter: nil)
        case .refused(let reason): .refused(reason: reason)
        }
    }
}
