/// The two moments by which BigPanda's events are put in order.
package struct EventTimes: Sendable, Equatable {
    /// `changedOn`: when the incident last changed in a way that is shared.
    package var changedOn: Timestamp?
    /// `updatedOn`: when the incident was last written.
    package var updatedOn: Timestamp?

    /// Takes the moments that an event carries, if any.
    package init(changedOn: Timestamp? = nil, updatedOn: Timestamp? = nil) {
        self.changedOn = changedOn
        self.updatedOn = updatedOn
    }

    /// Whether the event carries no time at all.
    package var isEmpty: Bool { changedOn == nil && updatedOn == nil }

    /// The moment that says when the event happened, as far as it says so.
    package var happenedOn: Timestamp? { changedOn ?? updatedOn }

    /// How two events follow each other.
    package enum Order: Sendable, Equatable { case older, equal, newer }

    /// Compares by `changedOn`, then by `updatedOn`; a member missing on either side is skipped.
    package func order(relativeTo other: EventTimes) -> Order {
        if let mine = changedOn, let theirs = other.changedOn, mine != theirs {
            return mine < theirs ? .older : .newer
        }
        if let mine = updatedOn, let theirs = other.updatedOn, mine != theirs {
            return mine < theirs ? .older : .newer
        }
        return .equal
    }

    /// The newest times seen once `event`, which is not older, was applied.
    ///
    /// A time that the event lacks stays, unless the event is known to be later: then the old
    /// `updatedOn` belongs to a moment before it and must not outdate what follows.
    package func advanced(by event: EventTimes) -> EventTimes {
        var advanced = self
        if let changedOn = event.changedOn {
            if let newest = self.changedOn, changedOn > newest { advanced.updatedOn = nil }
            advanced.changedOn = changedOn
        }
        if let updatedOn = event.updatedOn { advanced.updatedOn = updatedOn }
        return advanced
    }
}
