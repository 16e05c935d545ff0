/// How near the end of an API key is; each case is told once.
package enum KeyExpiry: String, Sendable, CaseIterable, Comparable {
    /// 30 days or less are left.
    case within30Days = "within_30_days"
    /// 7 days or less are left.
    case within7Days = "within_7_days"
    /// A day or less is left.
    case within1Day = "within_1_day"
    /// It has ended.
    case expired

    /// Judges a key that ends at `end`; `nil` while there is nothing to say.
    package init?(end: Timestamp?, at now: Timestamp) {
        guard let end else { return nil }
        let left = end - now
        guard let reached = Self.allCases.last(where: { left <= $0.left }) else { return nil }
        self = reached
    }

    /// Orders by urgency.
    package static func < (lhs: KeyExpiry, rhs: KeyExpiry) -> Bool { lhs.left > rhs.left }

    private var left: Duration {
        switch self {
        case .within30Days: .seconds(30 * 86_400)
        case .within7Days: .seconds(7 * 86_400)
        case .within1Day: .seconds(86_400)
        case .expired: .zero
        }
    }
}

extension Integration {
    /// How near the end of the key is, if somebody said when that is.
    package func keyExpiry(at now: Timestamp) -> KeyExpiry? {
        KeyExpiry(end: keyExpiresAt, at: now)
    }
}
