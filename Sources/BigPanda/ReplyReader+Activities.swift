import Alerts
import JSON

extension ReplyReader {
    /// The activities after which an incident is over or goes on, and what they mean for one that
    /// no environment holds.
    static let endings: [String: IncidentAbsence] = [
        "incident_merged_source": .mergedAway,
        "incident_resolved_api": .closed,
        "incident_resolved_by_alerts": .closed,
        "incident_resolved_ui_manually": .closed,
        "incident_reopen": .unexplained,
    ]

    /// A list of activities, newest first, of which the newest that says how the incident stands
    /// decides.
    ///
    /// A bare array, or an object with `items`.
    static func absence(_ body: [UInt8]) -> IncidentAbsence? {
        read(body) { root in
            guard let activities = root.array ?? root["items"]?.array else { return nil }
            for activity in activities {
                // Others are there if BigPanda did not heed which types were asked for.
                if let type = activity["type"]?.string, let ending = endings[type] {
                    return ending
                }
            }
            return .unexplained
        }
    }
}
