/// The places for calls to one integration's BigPanda, which all gateways on a store share.
///
/// As `RateBudget` for one: 5 calls in any second, 4 at once, and a place is free again a second
/// after its call *ended*. The place of a gateway that died is free again when its call can't be
/// under way any more.
package struct CallPlaces: Sendable, Equatable {
    /// One of the places.
    package struct Place: Sendable, Equatable {
        /// The newest call that had it; 0 before the first.
        package var ticket: Ticket
        /// Whether that call is under way.
        package var isRunning: Bool
        /// When another call may have it, by the store's clock.
        package var freeAt: Timestamp

        /// Makes one.
        package init(ticket: Ticket, isRunning: Bool, freeAt: Timestamp) {
            self.ticket = ticket
            self.isRunning = isRunning
            self.freeAt = freeAt
        }
    }

    /// Names a call that has a place.
    package struct Ticket: Sendable, Hashable {
        /// Grows with each call of an integration.
        package let number: Int64

        /// Takes a number.
        package init(_ number: Int64) {
            self.number = number
        }
    }

    /// Whether a call may start.
    package enum Decision: Sendable, Equatable {
        /// It may, and has a place.
        case start(Ticket)
        /// Not for this long.
        case wait(Duration)
        /// Not before a call under way has ended.
        case waitForCompletion
    }

    /// A place is taken this long at most: a second each for hearing of it and for the window, 3 s
    /// for asking whether a close is still owed, and 20 s for the longest call.
    package static let takenMax = Duration.seconds(25)
    /// Who hears of its place later than this gives it back: the time would not do for the call.
    package static let hearingMax = Duration.seconds(1)

    /// The places, in order.
    package private(set) var places: [Place]

    /// Takes the places as they are stored.
    package init(_ places: [Place]) {
        self.places = places
    }

    /// As many places as a budget has, none of them taken.
    package static var fresh: CallPlaces {
        let place = Place(
            ticket: Ticket(0), isRunning: false, freeAt: Timestamp(milliseconds: 0))
        return CallPlaces(Array(repeating: place, count: RateBudget.callsMax))
    }

    /// Takes a place for a call that starts at `now`, if there is one.
    ///
    /// - Returns: The decision, and the place's number if one was taken.
    package mutating func take(at now: Timestamp) -> (decision: Decision, index: Int?) {
        let running = places.filter { $0.isRunning && $0.freeAt > now }
        guard running.count < RateBudget.concurrentMax else { return (.waitForCompletion, nil) }
        if let index = places.firstIndex(where: { $0.freeAt <= now }) {
            let ticket = Ticket((places.map(\.ticket.number).max() ?? 0) + 1)
            places[index] = Place(ticket: ticket, isRunning: true, freeAt: now + Self.takenMax)
            return (.start(ticket), index)
        }
        let next = places.lazy.filter { !$0.isRunning }.map(\.freeAt).min()
        guard let next else { return (.waitForCompletion, nil) }
        return (.wait(next - now), nil)
    }

    /// A call ended at `now`; one whose time had run out has no place any more.
    package mutating func end(_ ticket: Ticket, at now: Timestamp) {
        guard let index = places.firstIndex(where: { $0.isRunning && $0.ticket == ticket })
        else { return }
        places[index].isRunning = false
        places[index].freeAt = Self.release(ofCallEndedAt: now)
    }

    /// A second and a millisecond, as times are cut to whole ones.
    package static func release(ofCallEndedAt now: Timestamp) -> Timestamp {
        now + RateBudget.window + .milliseconds(1)
    }
}
