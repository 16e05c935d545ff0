/// One webhook of BigPanda's, decoded: what happened to which incident, and what it looks like now.
///
/// Every member but the incident's id may be missing from a payload; `nil` always means that.
package struct WebhookEvent: Sendable, Equatable {
    /// BigPanda's id of the incident, 1 to 256 bytes.
    package var incidentID: String
    /// What the payload says has happened.
    package var name: EventName
    /// Whether at least one of the incident's alerts is active.
    package var active: Bool?
    /// Whether BigPanda counts the incident as resolved.
    package var resolved: Bool?
    /// The state of the incident in BigPanda's words, in lower case, such as `critical` or `ok`.
    package var bigPandaStatus: String?
    /// The highest status that the incident ever had, in lower case.
    package var severity: String?
    /// When it happened, for the order of events.
    package var times: EventTimes
    /// What people call the incident; never empty.
    package var title: String?
    /// What the incident's main alert says.
    package var summary: String?
    /// The BigPanda environment that the payload names, by id or, from some templates, by name.
    package var environmentID: String?
    /// Whether the incident changes state so often that BigPanda has stopped telling.
    package var flapping: Bool?
    /// Whether somebody hid the incident for a while, during which BigPanda doesn't tell.
    package var snoozed: Bool?
    /// The incident's tags and those of its main alert.
    package var tags: [AlertTag]?
    /// A page about the incident, `http` or `https` only.
    package var sourceURL: String?
    /// How many BigPanda alerts the incident holds.
    package var alertCount: Int?
    /// Tells a byte-identical repeat of the payload.
    package var fingerprint: Fingerprint
    /// The delivery that this event repeats on somebody's order; the timeline names it as cause.
    package var replayOf: DeliveryID?

    /// Makes an event that carries nothing but its incident's id; the decoder fills in the rest.
    package init(
        incidentID: String, name: EventName = .missing, fingerprint: Fingerprint,
        times: EventTimes = EventTimes()
    ) {
        self.incidentID = incidentID
        self.name = name
        self.fingerprint = fingerprint
        self.times = times
    }

    /// The state of an incident, as far as a payload describes one.
    package enum DescribedState: Sendable, Equatable { case open, closed, none }

    /// Whether the incident is open, by the state carried first and by the event's name second.
    ///
    /// Source: docs/bigpanda.md, "The closing rule".
    package var describedState: DescribedState {
        if resolved == true || active == false { return .closed }
        if active == true { return .open }
        if name == .closed || bigPandaStatus == "ok" { return .closed }
        if bigPandaStatus != nil || resolved == false { return .open }
        switch name {
        case .new, .reopen: return .open
        case .closed, .other, .missing: return .none
        }
    }

    /// Whether state and name contradict each other so that BigPanda has to be asked.
    package var isContradictory: Bool { name == .closed && describedState == .open }
}

/// A name and a value attached to an incident.
package struct AlertTag: Sendable, Hashable {
    /// The tag's name, such as `host`.
    package let name: String
    /// The tag's value, as text.
    package let value: String

    /// Pairs a name with a value.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The first 128 bits of a payload's SHA-256: enough to tell a repeat, too few to store payloads.
package struct Fingerprint: Sendable, Hashable {
    /// The digest's first eight bytes, big-endian.
    package let high: UInt64
    /// The next eight.
    package let low: UInt64

    /// Joins the two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
