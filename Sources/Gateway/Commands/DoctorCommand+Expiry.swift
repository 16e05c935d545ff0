import Alerts
import GatewayApp
import JSON

extension DoctorCommand {
    /// Whether an integration's key ends soon; `nil` when nobody said when it ends.
    static func keyExpiry(_ item: JSONTree) -> Finding? {
        guard let text = item["key_expires_at"]?.string, let end = Timestamp(rfc3339: text) else {
            return nil
        }
        let subject = "key of integration \(item.text("name"))"
        let now = WallClock.system.now
        let days = (end - now).components.seconds / 86_400
        let how = "Run: integration replace-key"
        switch KeyExpiry(end: end, at: now) {
        case nil: return .good(subject, "it ends in \(days) days")
        case .expired: return .bad(subject, "it ended at \(end.rfc3339). \(how)")
        case .within1Day: return .bad(subject, "it ends within a day. \(how)")
        case .within7Days: return .bad(subject, "it ends in \(days) days. \(how)")
        // Nothing that keeps anybody up at night yet.
        case .within30Days: return .good(subject, "it ends in \(days) days; have it replaced")
        }
    }
}
