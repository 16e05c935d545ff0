import Alerts
import EventLoop
import Testing

@testable import GatewayApp

@Suite struct WaitingArrivalsTests {
    private let waiting = WaitingArrivals()

    @Test func `nobody is asked to come for nothing`() {
        #expect(!waiting.mustAsk())
        #expect(waiting.isEmpty)
    }

    @Test func `one is asked until they came, and again for what they left`() {
        let count = Limits.batchArrivalsMax + 1
        for number in 0..<count { #expect(waiting.add(Self.item(number))) }
        #expect(waiting.mustAsk())
        #expect(!waiting.mustAsk())
        #expect(waiting.count == count)
        #expect(waiting.take(WaitingArrivals.Batch()).count == Limits.batchArrivalsMax)
        #expect(waiting.mustAsk())
        #expect(!waiting.mustAsk())
        #expect(waiting.take(WaitingArrivals.Batch()).count == 1)
        #expect(!waiting.mustAsk())
    }

    @Test func `a batch has what was taken, and when`() {
        let batch = WaitingArrivals.Batch()
        #expect(waiting.add(Self.item(1)))
        #expect(batch.items == nil)
        let start = SystemClock.nanoseconds()
        let arrivals = waiting.take(batch)
        #expect((start...SystemClock.nanoseconds()).contains(batch.takenAt))
        #expect(arrivals.map(\.newAlertID) == [AlertID("alt_1")])
        #expect(batch.items?.map(\.arrival.newAlertID) == [AlertID("alt_1")])
    }

    private static func item(_ number: Int) -> ArrivalQueue.Item {
        let arrival = WebhookArrival(
            sourceID: SourceID("src_1"), secretID: SecretID("sec_1"),
            event: WebhookEvent(
                incidentID: "inc", name: .new,
                fingerprint: Fingerprint(high: 0, low: UInt64(number))),
            newAlertID: AlertID("alt_\(number)"), receivedAt: Timestamp(milliseconds: 0))
        return ArrivalQueue.Item(arrival: arrival) { _ in }
    }
}
