/// A page of a list of incidents.
package struct IncidentPage: Sendable, Equatable {
    /// How many there are on all pages, if BigPanda says so.
    package let total: Int?
    /// Those on this page.
    package let incidents: [ListedIncident]

    /// Makes a page.
    package init(total: Int?, incidents: [ListedIncident]) {
        self.total = total
        self.incidents = incidents
    }
}

/// An incident as a list shows it.
package struct ListedIncident: Sendable, Equatable {
    /// BigPanda's id of it.
    package let id: String
    /// What it looks like now.
    package let reading: IncidentReading

    /// Pairs them.
    package init(id: String, reading: IncidentReading) {
        self.id = id
        self.reading = reading
    }
}

/// Why no environment holds an incident, by what BigPanda's activities tell.
package enum IncidentAbsence: Sendable, Equatable {
    /// It became part of another incident, which goes on.
    case mergedAway
    /// It was closed, and not re-opened after that.
    case closed
    /// They tell nothing of the kind, or can't be read any more either.
    case unexplained
}
