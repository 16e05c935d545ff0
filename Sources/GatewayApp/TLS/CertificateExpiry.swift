import Alerts
import TLS

/// When a certificate ends, and when to warn of it.
///
/// Told at the same distances as the end of an API key, but not before a third of the certificate's
/// life is left: one that lives for days is renewed by a program days before it ends, as one that
/// lives for three months is a month before.
struct CertificateExpiry: Sendable, Equatable {
    /// When it ends.
    let end: Timestamp
    private let lifetime: Duration
    private var told: KeyExpiry?

    private static let daySeconds: Int64 = 86_400

    /// The end of a certificate that was read at `now`.
    init(_ context: TLSContext, at now: Timestamp) {
        self.init(end: now + context.validity, lifetime: context.lifetime)
    }

    init(end: Timestamp, lifetime: Duration) {
        self.end = end
        self.lifetime = lifetime
    }

    /// How near the end is; nil while there is nothing to say.
    func urgency(at now: Timestamp) -> KeyExpiry? {
        guard end <= now || (end - now) * 3 <= lifetime else { return nil }
        return KeyExpiry(end: end, at: now)
    }

    /// What is to be said of it; nil while there is nothing.
    func words(at now: Timestamp) -> String? {
        switch urgency(at: now) {
        case nil: nil
        case .expired: "the TLS certificate ended at \(end.rfc3339)"
        case .within1Day: "the TLS certificate ends within a day"
        case .within7Days, .within30Days: "the TLS certificate ends in \(daysLeft(at: now)) days"
        }
    }

    /// Whole days until it ends; 0 once it has.
    func daysLeft(at now: Timestamp) -> Int64 {
        max(0, (end - now).components.seconds / Self.daySeconds)
    }

    /// The same words, when it has become more urgent since they were last asked for.
    mutating func news(at now: Timestamp) -> String? {
        let urgency = urgency(at: now)
        defer { told = urgency }
        guard let urgency else { return nil }
        if let told, urgency <= told { return nil }
        return words(at: now)
    }
}
