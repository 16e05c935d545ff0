import HTTPServer

/// How often a wrong token may be tried, by each address and by all together.
///
/// A bucket for each, which every failure fills by one and time empties. Only failures count, so
/// who has the token is held up only while somebody at the same address, or very many at once, try.
/// Nor does a token that the same address has just shown: a program that goes on with an old token
/// guesses nothing, and must not hold up others behind the same proxy.
package struct SignInLimiter {
    private struct Bucket {
        var level: Double = 0
        var at: ContinuousClock.Instant
        /// What tells the token that was tried last.
        var guess: UInt64?

        /// How full it is at a later instant.
        func level(at now: ContinuousClock.Instant, _ bound: Bound) -> Double {
            let (seconds, attoseconds) = (now - at).components
            let elapsed = Double(seconds) + Double(attoseconds) / 1e18
            return max(0, level - elapsed * bound.emptiedPerSecond)
        }
    }

    private struct Bound {
        /// Failures in a row.
        let failuresMax: Double
        let emptiedPerSecond: Double
    }

    private static let ofAddress = Bound(failuresMax: 10, emptiedPerSecond: 1.0 / 30)
    private static let ofAll = Bound(failuresMax: 200, emptiedPerSecond: 2)
    /// Addresses that are told apart; those beyond share one bucket.
    private static let addressesMax = 4096
    private static let others = "others"

    private var addresses: [String: Bucket] = [:]
    private var all: Bucket

    /// Nobody has tried anything.
    package init(at now: ContinuousClock.Instant) {
        all = Bucket(at: now)
    }

    /// How long somebody has to wait.
    ///
    /// - Parameters:
    ///   - address: Who wants to try.
    ///   - now: When.
    ///   - isAlone: Whether only this address's own failures count: whoever has very many addresses
    ///     must not be able to lock everybody else out of the API.
    /// - Returns: The wait in whole seconds; `nil` when they may try.
    package func wait(
        of address: String, at now: ContinuousClock.Instant, isAlone: Bool = false
    ) -> Duration? {
        let key = key(of: address)
        let own = addresses[key].map { wait($0, Self.ofAddress, now) } ?? 0
        let seconds =
            isAlone ? key == Self.others ? 0 : own : max(own, wait(all, Self.ofAll, now))
        // Less than a millisecond is the inexactness of fractions.
        return seconds > 0.001 ? .seconds(Int64((seconds - 0.001).rounded(.up))) : nil
    }

    /// Notes that a wrong token was tried.
    ///
    /// - Parameters:
    ///   - address: Who tried it.
    ///   - now: When.
    ///   - guess: The token's digest, of at least eight bytes.
    /// - Returns: Whether it counts: false when the same address tried the same one before.
    @discardableResult
    package mutating func failed(
        _ address: String, at now: ContinuousClock.Instant, guess: [UInt8]? = nil
    ) -> Bool {
        let key = key(of: address)
        let mark = guess.map { $0.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
        if let mark, addresses[key]?.guess == mark { return false }
        count(key, mark, at: now)
        return true
    }

    private mutating func count(
        _ wanted: String, _ mark: UInt64?, at now: ContinuousClock.Instant
    ) {
        all = Bucket(level: all.level(at: now, Self.ofAll) + 1, at: now)
        if addresses.count >= Self.addressesMax {
            addresses = addresses.filter { $0.value.level(at: now, Self.ofAddress) > 0 }
        }
        let isKnown = addresses[wanted] != nil || addresses.count < Self.addressesMax
        let key = isKnown ? wanted : Self.others
        let level = addresses[key]?.level(at: now, Self.ofAddress) ?? 0
        addresses[key] = Bucket(level: level + 1, at: now, guess: mark)
    }

    private func wait(_ bucket: Bucket, _ bound: Bound, _ now: ContinuousClock.Instant) -> Double {
        let excess = bucket.level(at: now, bound) + 1 - bound.failuresMax
        return max(0, excess / bound.emptiedPerSecond)
    }

    /// Whoever has one IPv6 address has a network of them (RFC 6177): its first 64 bits count.
    private func key(of address: String) -> String {
        var key = address
        if let bytes = IPAddress.bytes(of: address), bytes.count == 16 {
            key = bytes.prefix(8).map { "\($0)" }.joined(separator: ".") + "/64"
        }
        return addresses[key] == nil && addresses.count >= Self.addressesMax ? Self.others : key
    }
}
