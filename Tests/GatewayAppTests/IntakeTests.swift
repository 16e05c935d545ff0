import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Testing

@Suite struct IngestBatcherTests {
    private static func arrival(_ incident: String, _ number: UInt64) -> WebhookArrival {
        WebhookArrival(
            sourceID: SourceID("src_1"), secretID: SecretID("sec_1"),
            event: WebhookEvent(
                incidentID: incident, name: .new, fingerprint: Fingerprint(high: 0, low: number)),
            newAlertID: AlertID("alt_\(number)"),
            receivedAt: Timestamp(milliseconds: 1_777_622_400_000))
    }

    @Test func `what arrives until the store comes is one batch`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            var outcomes: [Outcome] = []
            for number in UInt64(0)..<100 {
                let isTaken = batcher.submit(Self.arrival("inc-\(number)", number)) { result in
                    if case .success(let result) = result { outcomes.append(result.outcome) }
                }
                #expect(isTaken)
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(outcomes == Array(repeating: .created, count: 100))
            #expect(metrics.batches.sum == 100)
            #expect(metrics.batches.counts.reduce(0, +) == 1)
            #expect(metrics.commits.sum > 0)
        }
    }

    @Test(arguments: [true, false])
    func `a store whose calls take turns is asked while it is busy`(
        appliesInTurn: Bool
    ) async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore(appliesInTurn: appliesInTurn)
            try await DirectorySamples.fill(store)
            let door = StoreGate()
            await store.whileApplying { await door.pass() }
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            var outcomes: [Outcome] = []
            for number in UInt64(0)..<2 {
                _ = batcher.submit(Self.arrival("inc", number)) { result in
                    if case .success(let result) = result { outcomes.append(result.outcome) }
                }
                // The second is submitted while the first is being stored.
                if number == 0 { try await LoopTurn.until { door.waitingCount == 1 } }
            }
            if appliesInTurn {
                try await LoopTurn.until { door.waitingCount == 2 }
            } else {
                // Long enough for a call to come, if one was made.
                for _ in 0..<20 { await LoopTurn.next() }
                #expect(door.waitingCount == 1)
            }
            #expect(outcomes.isEmpty)
            #expect(!batcher.isIdle)
            door.open()
            try await LoopTurn.until { batcher.isIdle }
            #expect(outcomes == [.created, .updated])
            #expect(metrics.batches.counts.reduce(0, +) == 2)
        }
    }

    @Test func `what one batch can't hold is the next without being asked for`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore(appliesInTurn: false)
            try await DirectorySamples.fill(store)
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            var answeredCount = 0
            for number in 0..<UInt64(2 * Limits.batchArrivalsMax + 1) {
                _ = batcher.submit(Self.arrival("inc-\(number)", number)) { _ in
                    answeredCount += 1
                }
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(answeredCount == 2 * Limits.batchArrivalsMax + 1)
            #expect(metrics.batches.counts.reduce(0, +) == 3)
        }
    }

    @Test func `nothing is idle before every batch is answered`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let batcher = IngestBatcher(store: store)
            // Two batches, of which the second is through before the first one's answers are out.
            let count = Limits.batchArrivalsMax + 1
            var answeredCount = 0
            for number in 0..<UInt64(count) {
                #expect(
                    batcher.submit(Self.arrival("inc-\(number)", number)) { _ in
                        answeredCount += 1
                    })
            }
            // Looks whenever the loop has done what was there, not only once a turn.
            while !batcher.isIdle {
                try Task.checkCancellation()
                await Task.yield()
            }
            #expect(answeredCount == count)
        }
    }

    @Test func `events of one incident keep their order`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let batcher = IngestBatcher(store: store)
            var outcomes: [Outcome] = []
            for number in UInt64(0)..<3 {
                _ = batcher.submit(Self.arrival("inc", number)) { result in
                    if case .success(let result) = result { outcomes.append(result.outcome) }
                }
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(outcomes == [.created, .updated, .updated])
        }
    }

    @Test func `above the high-water mark only closes and re-opens are let in`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let batcher = IngestBatcher(store: store)
            for number in 0..<UInt64(Limits.arrivalsHighWater) {
                #expect(batcher.submit(Self.arrival("inc", number)) { _ in })
            }
            #expect(!batcher.submit(Self.arrival("inc", 9_000_001)) { _ in })
            var close = Self.arrival("inc", 9_000_002)
            close = WebhookArrival(
                sourceID: close.sourceID, secretID: close.secretID,
                event: WebhookEvent(
                    incidentID: "inc", name: .closed, fingerprint: close.event.fingerprint),
                newAlertID: close.newAlertID, receivedAt: close.receivedAt)
            #expect(batcher.submit(close) { _ in })
            try await LoopTurn.until { batcher.isIdle }
        }
    }

    @Test func `a store that fails with what it took fails each of them`() async throws {
        try await LoopFixture.run {
            // Without the source that webhooks name.
            let store = MemoryAlertStore()
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            var failures: [StoreError.Kind] = []
            for number in UInt64(0)..<2 {
                _ = batcher.submit(Self.arrival("inc", number)) { result in
                    if case .failure(let error) = result { failures.append(error.kind) }
                }
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(failures == [.conflict, .conflict])
            #expect(metrics.batches.counts.allSatisfy { $0 == 0 })
        }
    }

    @Test func `the store is called once for all that waits, and not for nothing`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let calls = StoreCalls()
            await store.whileApplying { await calls.count() }
            let batcher = IngestBatcher(store: store)
            for number in UInt64(0)..<10 {
                _ = batcher.submit(Self.arrival("inc-\(number)", number)) { _ in }
            }
            try await LoopTurn.until { batcher.isIdle }
            await LoopTurn.next()
            #expect(calls.number == 1)
        }
    }

    @Test func `a commit takes as long as the store has its webhooks`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            let start = SystemClock.nanoseconds()
            _ = batcher.submit(Self.arrival("inc", 1)) { _ in }
            try await LoopTurn.until { batcher.isIdle }
            #expect((1...SystemClock.nanoseconds() - start).contains(metrics.commits.sum))
        }
    }

    @Test func `the store begins with what waits before the answers are out`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore(appliesInTurn: false)
            try await DirectorySamples.fill(store)
            let batcher = IngestBatcher(store: store)
            // One more than a batch can hold.
            var waitingCounts: [Int] = []
            for number in 0...UInt64(Limits.batchArrivalsMax) {
                _ = batcher.submit(Self.arrival("inc-\(number)", number)) { _ in
                    guard number == 0 else { return }
                    // Behind what the batcher had the loop do before it answered.
                    LoopActor.spawn { waitingCounts.append(batcher.waitingCount) }
                }
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(waitingCounts == [0])
        }
    }

    @Test func `a store that fails fails each webhook of the batch`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            await store.fail(with: [StoreError(.full, "The disk is full.")])
            let metrics = Metrics()
            let batcher = IngestBatcher(store: store, metrics: metrics)
            var failures: [StoreError.Kind] = []
            _ = batcher.submit(Self.arrival("inc", 1)) { result in
                if case .failure(let error) = result { failures.append(error.kind) }
            }
            try await LoopTurn.until { batcher.isIdle }
            #expect(failures == [.full])
            #expect(metrics.batches.counts.allSatisfy { $0 == 0 })
        }
    }
}

/// How often the store was called.
@LoopActor
private final class StoreCalls {
    private(set) var number = 0

    func count() { number += 1 }
}

/// A door that is shut until it is opened.
@LoopActor
private final class StoreGate {
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false

    var waitingCount: Int { waiting.count }

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// An integration and a source that tests share.
enum DirectorySamples {
    static let integrationID = IntegrationID("int_1")
    static let sourceID = SourceID("src_1")
    static let now = Timestamp(milliseconds: 1_777_622_400_000)

    /// An integration with two environments.
    static func integration(environmentID: String? = nil) -> Integration {
        Integration(
            id: integrationID, name: "org",
            endpoint: Integration.Endpoint(region: "us", baseURL: "https://api.bigpanda.io"),
            environmentID: environmentID,
            environments: [
                Integration.Environment(id: "env-1", name: "Production"),
                Integration.Environment(id: "env-2", name: "Staging"),
            ], keySuffix: "-key", keyExpiresAt: nil, at: now)
    }

    /// Stores both.
    static func fill(
        _ store: MemoryAlertStore, environmentID: String? = nil
    ) async throws(StoreError) {
        try await store.insert(
            integration(environmentID: environmentID), key: APIKey("BPU-key"))
        try await store.insert(
            Source(
                id: sourceID, integrationID: integrationID, name: "source",
                secret: SourceSecret(id: SecretID("sec_1"), hash: [1], createdAt: now), at: now))
    }
}
