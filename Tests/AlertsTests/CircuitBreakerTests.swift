import Alerts
import Testing

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    /// One that has just opened; with the draw 0.5 each wait is three quarters of its ceiling.
    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failuresMax {
            breaker.failed(isProbe: false, at: start, fraction: 0.5)
        }
        return breaker
    }

    @Test func `failures with an answer between them hold nothing back`() {
        var breaker = CircuitBreaker()
        for _ in 0..<10 {
            breaker.failed(isProbe: false, at: start, fraction: 0)
            breaker.failed(isProbe: false, at: start, fraction: 0)
            #expect(breaker.passage(at: start) == .free)
            breaker.answered()
        }
        #expect(!breaker.isOpen)
    }

    @Test func `three failures in a row hold closes back until the probe`() {
        let breaker = opened()
        #expect(breaker.isOpen)
        let until = start + .milliseconds(1500)
        #expect(breaker.passage(at: start) == .held(until: until))
        #expect(breaker.passage(at: until) == .probe)
    }

    @Test func `there is one probe at a time`() {
        var breaker = opened()
        breaker.probeBegan()
        #expect(breaker.passage(at: start + .seconds(1000)) == .heldByProbe)
    }

    @Test func `each probe that fails makes the next wait longer, up to a minute`() {
        var breaker = opened()
        var now = start
        var waits: [Duration] = []
        for _ in 0..<8 {
            guard case .held(let until) = breaker.passage(at: now) else {
                Issue.record("nothing is held back")
                return
            }
            waits.append(now.duration(to: until))
            now = until
            breaker.probeBegan()
            breaker.failed(isProbe: true, at: now, fraction: 0.5)
        }
        let expected: [Double] = [1.5, 3, 6, 12, 24, 45, 45, 45]
        #expect(waits == expected.map { .seconds($0) })
    }

    @Test(arguments: [0, 0.25, 1.0.nextDown])
    func `no wait is longer than a minute or shorter than a second`(fraction: Double) {
        var breaker = opened()
        for _ in 0..<200 {
            breaker.probeBegan()
            breaker.failed(isProbe: true, at: start, fraction: fraction)
            guard case .held(let until) = breaker.passage(at: start) else {
                Issue.record("nothing is held back")
                return
            }
            #expect((.seconds(1)...(.seconds(60))).contains(start.duration(to: until)))
        }
    }

    @Test func `calls that were under way when it opened do not count as probes`() {
        var breaker = opened()
        let before = breaker
        breaker.failed(isProbe: false, at: start, fraction: 0.9)
        #expect(breaker == before)
        breaker.probeBegan()
        breaker.failed(isProbe: false, at: start, fraction: 0.9)
        #expect(breaker.passage(at: start) == .heldByProbe)
    }

    @Test(arguments: [false, true])
    func `an answer lets everything through again`(isProbe: Bool) {
        var breaker = opened()
        if isProbe { breaker.probeBegan() }
        breaker.answered()
        #expect(breaker == CircuitBreaker())
    }

    @Test func `only calls without an answer speak against BigPanda`() {
        let results: [(CloseMachine.Result, Bool)] = [
            (.accepted(isAlreadyClosed: false), true), (.accepted(isAlreadyClosed: true), true),
            (.keyRejected, true), (.keyForbidden, true), (.notFound, true),
            (.refused(reason: "400"), true), (.rateLimited(retryAfter: nil), true),
            (.delayed(reason: "503", retryAfter: nil), false), (.unknown(reason: "reset"), false),
        ]
        for (result, expected) in results { #expect(result.showsBigPandaWorks == expected) }
    }
}
