import TLS

/// When a certificate ends, and when to warn of it.
struct CertificateExpiry: Sendable, Equatable {
    /// Milliseconds of the wall clock.
    private let end: Int64
    private var daysTold = Int64.max

    /// Days left at which it is told, once each; automatic renewal is 30 days ahead.
    private static let thresholds: [Int64] = [14, 7, 3, 1, 0]
    private static let dayMilliseconds: Int64 = 86_400_000

    /// The end of a certificate that was read at `now`, in milliseconds of the wall clock.
    init(_ context: TLSContext, at now: Int64) {
        self.init(end: now + context.validity.components.seconds * 1000)
    }

    init(end: Int64) {
        self.end = end
    }

    /// Whole days until it ends; negative once it has.
    func daysLeft(at now: Int64) -> Int64 {
        let left = end - now
        return left >= 0 ? left / Self.dayMilliseconds : -1
    }

    /// What is to be said of it; nil while there is time.
    func words(at now: Int64) -> String? {
        let days = daysLeft(at: now)
        guard let first = Self.thresholds.first, days < first else { return nil }
        return days < 0
            ? "the TLS certificate has expired" : "the TLS certificate expires in \(days) days"
    }

    /// The same, when it has become more urgent since it was last said.
    mutating func news(at now: Int64) -> String? {
        let days = daysLeft(at: now)
        guard let threshold = Self.thresholds.last(where: { days < $0 }), threshold < daysTold
        else { return nil }
        daysTold = threshold
        return words(at: now)
    }
}
