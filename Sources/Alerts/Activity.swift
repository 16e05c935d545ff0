/// What is counted by the hour, for pictures of the last day.
package enum Activity: Hashable, Sendable {
    /// Alerts that began to fire less those that ended; a firing alert counts once.
    case firing
    /// Webhooks that were refused, of all sources and none.
    case refused
    /// Webhooks of a source that were taken in.
    case taken(SourceID)

    /// As stores write it.
    package var text: String {
        switch self {
        case .firing: "firing"
        case .refused: "refused"
        case .taken(let source): "taken \(source.text)"
        }
    }

    /// Reads what `text` wrote; `nil` for anything else.
    package init?(text: String) {
        switch text {
        case "firing": self = .firing
        case "refused": self = .refused
        default:
            guard text.hasPrefix("taken ") else { return nil }
            self = .taken(SourceID(String(text.dropFirst(6))))
        }
    }

    /// Counts something of one hour.
    package struct Key: Hashable, Sendable {
        /// Whole hours since 1970.
        package let hour: Int64
        /// What is counted.
        package let activity: Activity

        /// Names what happened at `moment`.
        package init(_ activity: Activity, at moment: Timestamp) {
            self.init(activity, hour: moment.hour)
        }

        /// Names what happened in an hour.
        package init(_ activity: Activity, hour: Int64) {
            self.hour = hour
            self.activity = activity
        }
    }

    /// What an alert that goes from one status to another adds to those that fire.
    package static func firingDifference(from before: AlertStatus?, to after: AlertStatus) -> Int64
    {
        switch (before, after) {
        case (.firing, .firing), (nil, .resolved), (.resolved, .resolved): 0
        case (nil, .firing), (.resolved, .firing): 1
        case (.firing, .resolved): -1
        }
    }

    /// Hours that are kept: those of the picture, and as many again.
    package static let hoursKept: Int64 = 48
}

extension Timestamp {
    /// Whole hours since 1970.
    package var hour: Int64 { milliseconds / 3_600_000 }

    /// The moment at which an hour begins.
    package init(hour: Int64) { self.init(milliseconds: hour * 3_600_000) }
}

/// Keeps counts of what happened in each hour.
///
/// They are added up in the transactions that they count, a row for each source of a batch; asking
/// for them reads those rows and nothing else.
package protocol ActivityStore: Sendable {
    /// The counts of an hour and of those after it.
    func activity(sinceHour hour: Int64) async throws(StoreError) -> [Activity.Key: Int64]
    /// Forgets the counts before an hour.
    func pruneActivity(beforeHour hour: Int64) async throws(StoreError)
}
