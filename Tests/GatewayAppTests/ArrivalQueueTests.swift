import Alerts
import Testing

@testable import GatewayApp

/// One source's storm keeps no other source waiting, and what must not be shed is let in longest.
@Suite struct ArrivalQueueTests {
    private static func item(
        _ source: String, _ incident: String = "inc", _ name: EventName = .new,
        body: [UInt8] = [1, 2, 3]
    ) -> ArrivalQueue.Item {
        ArrivalQueue.Item(
            arrival: WebhookArrival(
                sourceID: SourceID(source), secretID: nil,
                event: WebhookEvent(
                    incidentID: incident, name: name, fingerprint: Fingerprint(high: 0, low: 0)),
                newAlertID: AlertID("alt"), receivedAt: Timestamp(milliseconds: 0),
                request: DeliveryRequest(body: body)),
            completion: { _ in })
    }

    /// How many of `count` are added.
    private static func added(
        _ count: Int, to queue: inout ArrivalQueue, _ source: String, _ name: EventName = .new,
        bytes: Int = 10
    ) -> Int {
        // One array for all, so that a queue full of large ones takes no room.
        let body = [UInt8](repeating: 0, count: bytes)
        return (0..<count).filter { _ in queue.add(item(source, "inc", name, body: body)) }.count
    }

    private static func add(
        _ source: String, _ incident: String = "inc", to queue: inout ArrivalQueue
    ) {
        let isAdded = queue.add(item(source, incident))
        #expect(isAdded)
    }

    private static func names(_ batch: [ArrivalQueue.Item]) -> [String] {
        batch.map { $0.arrival.sourceID.text + $0.arrival.event.incidentID }
    }

    @Test func `sources take turns, and each keeps its order`() {
        var queue = ArrivalQueue()
        for incident in ["1", "2", "3", "4"] { Self.add("a", incident, to: &queue) }
        for incident in ["1", "2"] { Self.add("b", incident, to: &queue) }
        Self.add("c", "1", to: &queue)
        let (batch, nothing) = (queue.takeBatch(), queue.takeBatch())
        #expect(Self.names(batch) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
        #expect(nothing.isEmpty && queue.isEmpty && queue.bytes == 0)
    }

    @Test func `a webhook behind another source's storm is in the next batch`() {
        var queue = ArrivalQueue()
        #expect(Self.added(3000, to: &queue, "storm") == 3000)
        Self.add("quiet", to: &queue)
        let batch = queue.takeBatch()
        #expect(batch.count == Limits.batchArrivalsMax)
        #expect(Self.names(batch).firstIndex(of: "quietinc") == 1)
        #expect(queue.count == 3001 - Limits.batchArrivalsMax)
    }

    @Test func `the next batch goes on with the source whose turn it is`() {
        var queue = ArrivalQueue()
        let sources = (0..<700).map { "s\($0)-" }
        for source in sources { Self.add(source, "1", to: &queue) }
        for source in sources { Self.add(source, "2", to: &queue) }
        let (first, second) = (Self.names(queue.takeBatch()), Self.names(queue.takeBatch()))
        #expect(first == sources[..<512].map { $0 + "1" })
        #expect(second.prefix(188) == sources[512...].map { $0 + "1" }[...])
        #expect(second.dropFirst(188) == sources[..<324].map { $0 + "2" }[...])
    }

    @Test func `large webhooks make small batches, but never an empty one`() {
        var queue = ArrivalQueue()
        let large = Limits.batchBytesMax / 2 + 1
        #expect(Self.added(2, to: &queue, "a", bytes: large) == 2)
        #expect(Self.added(1, to: &queue, "b", bytes: Limits.batchBytesMax * 2) == 1)
        let batches = [queue.takeBatch(), queue.takeBatch(), queue.takeBatch()]
        #expect(batches.map(\.count) == [1, 1, 1])
    }

    @Test func `a source above its share sheds updates, then all`() {
        var queue = ArrivalQueue()
        #expect(Self.added(9000, to: &queue, "a") == Limits.arrivalsHighWater)
        #expect(
            Self.added(9000, to: &queue, "a", .closed)
                == Limits.arrivalsMax - Limits.arrivalsHighWater)
        #expect(Self.added(9000, to: &queue, "b") == Limits.arrivalsReserved)
        #expect(queue.count == Limits.arrivalsMax + Limits.arrivalsReserved)
        #expect(Self.added(1, to: &queue, "c", .reopen) == 0, "nothing is without a bound")
    }

    @Test func `a storm that fills the queue leaves others their share`() {
        var queue = ArrivalQueue()
        #expect(Self.added(9000, to: &queue, "storm") == Limits.arrivalsHighWater)
        #expect(Self.added(9000, to: &queue, "b") == Limits.arrivalsHighWater / 2)
        #expect(Self.added(9000, to: &queue, "storm") == 0)
        #expect(Self.added(10, to: &queue, "storm", .reopen) == 10)
    }

    @Test func `bytes are shared like places`() {
        var queue = ArrivalQueue()
        let large = Limits.arrivalBytesHighWater / 8
        #expect(Self.added(20, to: &queue, "a", bytes: large) == 8)
        #expect(Self.added(20, to: &queue, "b", bytes: large) == 4)
        #expect(Self.added(20, to: &queue, "a", .closed, bytes: large) == 4)
        #expect(queue.bytes == Limits.arrivalBytesMax)
        #expect(Self.added(1, to: &queue, "c", .closed, bytes: large) == 0)
    }

    @Test func `one webhook is let in however large it is`() {
        var queue = ArrivalQueue()
        #expect(Self.added(1, to: &queue, "a", bytes: Limits.arrivalBytesMax + 1) == 1)
        #expect(Self.added(1, to: &queue, "b") == 0)
    }

    @Test func `what was taken makes room`() {
        var queue = ArrivalQueue()
        #expect(Self.added(9000, to: &queue, "a") == Limits.arrivalsHighWater)
        var taken = 0
        while !queue.isEmpty { taken += queue.takeBatch().count }
        #expect(taken == Limits.arrivalsHighWater)
        #expect(Self.added(9000, to: &queue, "a") == Limits.arrivalsHighWater)
    }
}
