import Alerts
import Curl
import EventLoop
import GatewayTesting
import Logging
import Testing

@testable import GatewayApp

/// Has read which endpoints there are, and tells it late; counts how often it is asked for work.
private actor LateStore: OutboundStore {
    let store = MemoryAlertStore()
    private(set) var claimsCount = 0
    private(set) var isAsked = false
    private var waiting: CheckedContinuation<Void, Never>?
    private var isLate = true

    func tellNow() {
        isLate = false
        waiting?.resume()
        waiting = nil
    }

    func endpoints() async throws(StoreError) -> [OutboundEndpoint] {
        let found = try await store.endpoints()
        isAsked = true
        if isLate { await withCheckedContinuation { waiting = $0 } }
        return found
    }

    func claimMessages(_ claim: OutboundClaim) async throws(StoreError) -> [OutboundRound] {
        claimsCount += 1
        return try await store.claimMessages(claim)
    }

    func insert(_ endpoint: OutboundEndpoint, secret: SigningSecret) async throws(StoreError) {
        try await store.insert(endpoint, secret: secret)
    }

    func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) async throws(StoreError) -> Timestamp? {
        try await store.nextMessageDueAt(excluding: endpoints)
    }

    func recoverRounds() async throws(StoreError) { try await store.recoverRounds() }
    nonisolated func onMessages(_ body: (@Sendable () -> Void)?) {}

    // What the worker asks for nothing of.
    func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) throws(StoreError) -> OutboundEndpoint? { nil }
    func rotate(
        _ id: EndpointID, to secret: SigningSecret, overlapEndsAt: Timestamp, at now: Timestamp
    ) throws(StoreError) -> OutboundEndpoint? { nil }
    func removeEndpoint(_ id: EndpointID) throws(StoreError) -> Bool { false }
    func messages(_ query: MessageQuery) throws(StoreError) -> Page<OutboundMessage> {
        Page(items: [], next: nil)
    }
    func message(
        _ id: MessageID, of endpointID: EndpointID
    ) throws(StoreError) -> KeptMessage? { nil }
    func sendTest(
        to id: EndpointID, at now: Timestamp
    ) throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? { nil }
    func replay(
        _ id: MessageID, of endpointID: EndpointID, at now: Timestamp
    ) throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? { nil }
    func conclude(
        _ conclusion: OutboundConclusion
    ) throws(StoreError) -> OutboundEndpoint? { nil }
    func outboundStatistics() throws(StoreError) -> OutboundStatistics { OutboundStatistics() }
    func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) throws(StoreError) -> Int { 0 }
}

@Suite struct OutboundWorkerTests {
    @Test func `an endpoint that is made while endpoints are read is worked for`() async throws {
        try await LoopFixture.run {
            let store = LateStore()
            let curl = try CurlDriver()
            let worker = OutboundWorker(
                store: store, isShared: false,
                caller: OutboundCaller(curl: curl, policy: AddressPolicy(), clock: .system),
                metrics: Metrics(), clock: .system,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            worker.start()
            while await !store.isAsked { await LoopTurn.next() }
            let endpoint = OutboundEndpoint(
                id: EndpointID("whe_1"), name: "chat", url: "https://hooks.example/",
                events: OutboundEvent.standard, at: DirectorySamples.now)
            try await store.insert(endpoint, secret: SigningSecret("whsec_e1"))
            worker.endpointsChanged()
            await store.tellNow()
            let end = ContinuousClock.now + .seconds(8)
            while await store.claimsCount == 0, .now < end { await LoopTurn.next() }
            #expect(await store.claimsCount > 0)
            worker.stop()
            curl.close()
        }
    }
}
