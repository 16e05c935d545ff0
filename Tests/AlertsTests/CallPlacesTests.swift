import Alerts
import Testing

@Suite struct CallPlacesTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func `four calls run at once, and the fifth waits for an end`() {
        var places = CallPlaces.fresh
        for number in 1...4 {
            #expect(
                places.take(at: at(1000)).decision
                    == .start(CallPlaces.Ticket(Int64(number))))
        }
        #expect(places.take(at: at(1000)).decision == .waitForCompletion)
        places.end(CallPlaces.Ticket(2), at: at(1100))
        #expect(places.take(at: at(1100)).decision == .start(CallPlaces.Ticket(5)))
        places.end(CallPlaces.Ticket(1), at: at(1200))
        // All five are taken: the first is free a second after its call's end.
        #expect(places.take(at: at(1200)).decision == .wait(.milliseconds(901)))
        #expect(places.take(at: at(2100)).decision == .wait(.milliseconds(1)))
        #expect(places.take(at: at(2101)).decision == .start(CallPlaces.Ticket(6)))
    }

    @Test func `in no second more than five calls start, whoever takes them`() {
        var places = CallPlaces.fresh
        var (now, starts): (Int64, [Int64]) = (0, [])
        while starts.count < 200 {
            switch places.take(at: at(now)).decision {
            case .start(let ticket):
                starts.append(now)
                places.end(ticket, at: at(now + 7))
                now += 1
            case .wait(let duration):
                #expect(duration > .zero)
                now += max(Int64(duration / .milliseconds(1)), 1)
            case .waitForCompletion: now += 1
            }
        }
        for (first, sixth) in zip(starts, starts.dropFirst(5)) { #expect(sixth - first >= 1000) }
        // 95 % of what is allowed is used.
        #expect(Double(starts.count - 5) / Double(starts[199] - starts[4]) * 1000 > 4.75)
    }

    @Test func `the place of a gateway that died is free when its call can't run any more`() {
        var places = CallPlaces.fresh
        for _ in 0..<4 { _ = places.take(at: at(0)) }
        let end = Int64(CallPlaces.takenMax / .milliseconds(1))
        #expect(places.take(at: at(end - 1)).decision == .waitForCompletion)
        #expect(places.take(at: at(end)).decision == .start(CallPlaces.Ticket(5)))
        // What was taken for dead and ends after all has no place to give back.
        let before = places
        places.end(CallPlaces.Ticket(1), at: at(end))
        #expect(places == before)
    }
}
