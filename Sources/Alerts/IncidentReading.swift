/// An incident as BigPanda's API told it when asked.
package struct IncidentReading: Sendable, Equatable {
    /// Whether the incident is open.
    package var isActive: Bool
    /// When it last changed, by `changed_at` and `updated_at`.
    package var times: EventTimes
    /// The state in BigPanda's words, in lower case.
    package var bigPandaStatus: String?
    /// The highest status that the incident ever had, in lower case.
    package var severity: String?
    /// Whether the incident changes state so often that BigPanda has stopped telling.
    package var flapping: Bool?
    /// Whether somebody hid the incident for a while.
    package var snoozed: Bool?
    /// The environment in which the incident was found.
    package var environmentID: String?

    /// Makes a reading that tells no more than whether the incident is open, and since when.
    package init(isActive: Bool, times: EventTimes = EventTimes()) {
        self.isActive = isActive
        self.times = times
    }
}
