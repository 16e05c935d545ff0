import Alerts
import JSON

/// The alert that an incident is named after: the most severe one, and of those the oldest.
///
/// Source: docs/bigpanda.md, "A title for humans"; BigPanda, "Dynamic variables", primary alert.
struct MainAlert {
    private let members: JSONFields
    /// Its own tags, if it carries any.
    let tags: [AlertTag]?

    /// Picks from the incident's alerts; `nil` when there is none that is more than an id.
    init?(of alerts: JSONValue) {
        guard let alerts = alerts.array else { return nil }
        var best: (members: JSONFields, rank: Rank)?
        for alert in alerts.prefix(PayloadLimits.alertsMax) where alert.kind == .object {
            let members = JSONFields(alert, AlertKey.all)
            let rank = Rank(members)
            if let current = best, !rank.precedes(current.rank) { continue }
            best = (members, rank)
        }
        guard let best else { return nil }
        members = best.members
        tags = members[AlertKey.tags].flatMap(TagReader.read)
    }

    private struct Rank {
        let severity: Int
        let startedOn: Int64

        init(_ alert: JSONFields) {
            severity =
                switch alert[AlertKey.status]?.word {
                case "critical": 5
                case "warning": 4
                case "unknown": 3
                case "acknowledged": 2
                case "ok": 1
                default: 0
                }
            startedOn = alert.first(AlertKey.startedOn, read: \.moment)?.milliseconds ?? .max
        }

        func precedes(_ other: Rank) -> Bool {
            severity != other.severity ? severity > other.severity : startedOn < other.startedOn
        }
    }

    /// What it says.
    var description: String? {
        members[AlertKey.description]?.text(scalarsMax: PayloadLimits.summaryScalarsMax)
    }

    /// The values of its primary and secondary property, joined; `nil` when it has neither.
    var title: String? {
        switch (property(.primary), property(.secondary)) {
        case (let primary?, let secondary?): "\(primary) – \(secondary)"
        case (let primary, let secondary): primary ?? secondary
        }
    }

    /// The value of the tag that the property names.
    private func property(_ key: AlertKey) -> String? {
        members.first(key) { value in
            guard let name = value.text(scalarsMax: PayloadLimits.tagNameScalarsMax) else {
                return nil
            }
            return members[AlertKey.tags].flatMap { TagReader.value(of: name, in: $0, read: tags) }
        }
    }
}
