import Alerts
import JSON

/// The alert that an incident is named after: the most severe one, and of those the oldest.
///
/// Source: docs/bigpanda.md, "A title for humans"; BigPanda, "Dynamic variables", primary alert.
struct MainAlert {
    private let alert: JSONValue

    /// Picks from the incident's alerts; `nil` when there is none that is more than an id.
    init?(of incident: JSONValue) {
        guard let alerts = incident["alerts"]?.array else { return nil }
        var best: (alert: JSONValue, rank: Rank)?
        for alert in alerts.prefix(PayloadLimits.alertsMax) where alert.kind == .object {
            let rank = Rank(alert)
            if let current = best, !rank.precedes(current.rank) { continue }
            best = (alert, rank)
        }
        guard let best else { return nil }
        alert = best.alert
    }

    private struct Rank {
        let severity: Int
        let startedOn: Int64

        init(_ alert: JSONValue) {
            severity =
                switch alert["status"]?.word {
                case "critical": 5
                case "warning": 4
                case "unknown": 3
                case "acknowledged": 2
                case "ok": 1
                default: 0
                }
            let moment = alert.first(
                "startedOn", "started_on", "started_at", "start", read: \.moment)
            startedOn = moment?.milliseconds ?? .max
        }

        func precedes(_ other: Rank) -> Bool {
            severity != other.severity ? severity > other.severity : startedOn < other.startedOn
        }
    }

    /// What it says.
    var description: String? {
        alert["description"]?.text(scalarsMax: PayloadLimits.summaryScalarsMax)
    }

    /// Its own tags, if it carries any.
    var tags: [AlertTag]? { alert["tags"].flatMap(TagReader.read) }

    /// The values of its primary and secondary property, joined; `nil` when it has neither.
    var title: String? {
        let values = [
            property("primary_property", "primaryProperty", "primary"),
            property("secondary_property", "secondaryProperty", "secondary"),
        ]
        let title = values.compactMap { $0 }.joined(separator: " – ")
        return title.isEmpty ? nil : title
    }

    /// The value of the tag that one of `names` names.
    private func property(_ names: String...) -> String? {
        for name in names {
            guard let tagName = alert[name]?.text(scalarsMax: PayloadLimits.tagNameScalarsMax),
                let tags = alert["tags"], let value = TagReader.value(of: tagName, in: tags)
            else { continue }
            return value
        }
        return nil
    }
}
