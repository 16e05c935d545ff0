import Alerts
import EventLoop
import GatewayTesting
import Synchronization
import Testing

@testable import AlertStorage

/// What replicas on one database hear of each other, and what they tell of changes.
@Suite struct PostgresLinkTests {
    private typealias Sample = StoreContract.Sample

    /// Keeps what it is told.
    private final class Ear: Sendable {
        private let heard = Mutex<[ReplicaNews]>([])
        private let changes = Atomic(0)

        init(_ store: PostgresStore) {
            store.onNews { [weak self] news in self?.heard.withLock { $0.append(news) } }
            store.onChange { [weak self] in self?.changes.add(1, ordering: .relaxed) }
        }

        var news: [ReplicaNews] { heard.withLock { $0 } }
        var changesCount: Int { changes.load(ordering: .relaxed) }
        func forget() {
            heard.withLock { $0 = [] }
            changes.store(0, ordering: .relaxed)
        }
    }

    @Test func `replicas hear of each other's changes, closes and sources`() async throws {
        try await withReplicas { first, second in
            let (own, ear) = (Ear(first), Ear(second))
            try await LoopTurn.until { second.isListening && first.isListening }
            ear.forget()
            own.forget()
            _ = try await first.apply([Sample.arrival("a", .new)])
            try await LoopTurn.until { ear.changesCount > 0 }
            #expect(ear.news.isEmpty || !ear.news.contains(.directoryChanged))
            _ = try await first.resolve(Sample.request("a"), at: Sample.at(10))
            try await LoopTurn.until { ear.news.contains(.closesOwed) }
            try await first.insert(Sample.source(SourceID("src_2"), secret: SecretID("sec_2")))
            try await LoopTurn.until { ear.news.contains(.directoryChanged) }
        }
    }

    @Test func `what was not notified is found by a look`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                let ear = Ear(store)
                try await LoopTurn.until { store.isListening }
                ear.forget()
                // Changed without a word.
                try await fixture.run(
                    "SELECT nextval('changes')",
                    "UPDATE directory_versions SET version = version + 1")
                await store.look()
                try await LoopTurn.until {
                    ear.changesCount > 0 && Set(ear.news) == [.closesOwed, .directoryChanged]
                }
            }
        }
    }

    @Test func `who listens again takes it that everything may have changed`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                let ear = Ear(store)
                try await LoopTurn.until { store.isListening }
                ear.forget()
                try await fixture.run(
                    """
                    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND application_name = '\(fixture.schema)'
                    """)
                try await LoopTurn.until { !store.isListening }
                await store.look()
                // What was committed before the loss may have been told after it.
                try await LoopTurn.until {
                    ear.changesCount > 0 && Set(ear.news) == [.closesOwed, .directoryChanged]
                }
            }
        }
    }

    @Test func `what a replica tells by itself is no news to it`() {
        let payload = PostgresNews([.changes, .directory]).payload(from: "rep_1")
        #expect(PostgresNews(payload, to: "rep_1").isEmpty)
        #expect(PostgresNews(payload, to: "rep_2") == [.changes, .directory])
        #expect(PostgresNews("closes later_word rep_1", to: "rep_2") == .closes)
        #expect(PostgresNews("", to: "rep_2").isEmpty)
    }

    @Test func `a replica counts as behind until it says that it has read, or goes`() async throws {
        try await withReplicas { first, second in
            try await LoopTurn.until { second.isListening && first.isListening }
            let before = try await first.directoryVersion()
            try await second.noteDirectory(before)
            try await first.insert(Sample.source(SourceID("src_2"), secret: SecretID("sec_2")))
            let version = try await first.directoryVersion()
            #expect(version == before + 1)
            #expect(try await first.gatewaysBehind(version) == 1)
            try await second.noteDirectory(version)
            #expect(try await first.gatewaysBehind(version) == 0)
            #expect(try await first.gatewaysBehind(version + 1) == 1)
            await second.close()
            #expect(try await first.gatewaysBehind(version + 1) == 0)
        }
    }

    @Test func `every change of the directory has a version`() async throws {
        try await withReplicas { first, _ in
            var version = try await first.directoryVersion()
            func expectNext() async throws {
                let next = try await first.directoryVersion()
                #expect(next == version + 1)
                version = next
            }
            var integration = Sample.integration(IntegrationID("int_2"))
            try await first.insert(integration, key: APIKey("BPU-sample-key"))
            try await expectNext()
            integration.state = .keyRejected
            try await first.update(integration, key: nil)
            try await expectNext()
            _ = try await first.removeIntegration(integration.id)
            try await expectNext()
            var source = Sample.source()
            source.isEnabled = false
            try await first.update(source)
            try await expectNext()
            _ = try await first.removeSource(source.id, at: Sample.at(9))
            try await expectNext()
            _ = try await first.apply([Sample.arrival("a", .new)])
            #expect(try await first.directoryVersion() == version)
        }
    }

    @Test func `a change is not told before those with smaller numbers are decided`() async throws {
        try await withReplicas { first, second in
            _ = try await first.apply([Sample.arrival("a", .new), Sample.arrival("b", .new)])
            let start = try await first.latestChange()
            let (entered, leave) = (AsyncSignal(), AsyncSignal())
            async let attempts = first.core.countingAttempts { transaction, _ in
                let record = try #require(
                    try await transaction.lock([Sample.alertID("a")])[Sample.alertID("a")])
                entered.give()
                await leave.wait()
                let change = AlertMachine.resolve(
                    record.subject, by: Sample.request("a"), at: Sample.at(10))
                transaction.alerts.take(change, of: record.key)
            }
            await entered.wait()
            _ = try await second.resolve(Sample.request("b"), at: Sample.at(11))
            // The other's smaller number is drawn, and nobody knows what becomes of it.
            let query = ChangeQuery(after: start, kinds: [.alert])
            let early = try await second.changes(query)
            #expect(early.changes.isEmpty)
            #expect(early.position == start)
            #expect(early.hasMore)
            let late = second.startsReading(query)
            leave.give()
            _ = try await attempts
            let names = try await late.value.changes.map { change -> String in
                guard case .alert(let subject) = change.subject else { return "" }
                return subject.alert.incidentID
            }
            #expect(names == ["a", "b"])
        }
    }

    private func withReplicas(
        _ body: @escaping @LoopActor @Sendable (PostgresStore, PostgresStore) async throws -> Void
    ) async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { first in
                try await StoreContract.prepare(first)
                try await fixture.withStore { second in try await body(first, second) }
            }
        }
    }
}

/// Lets one wait for another.
private final class AsyncSignal: Sendable {
    private let (stream, feed) = AsyncStream.makeStream(of: Void.self)

    func give() { feed.finish() }

    func wait() async { for await _ in stream {} }
}

extension PostgresStore {
    /// Whether notifications reach it.
    @LoopActor fileprivate var isListening: Bool { core.watch.isListening }

    /// Asks the server what is new, without waiting for the next time.
    @LoopActor fileprivate func look() { core.watch.start() }

    /// Reads changes while the caller goes on.
    @LoopActor
    fileprivate func startsReading(_ query: ChangeQuery) -> Task<ChangePage, any Error> {
        Task(executorPreference: LoopActor.executor) { try await self.changes(query) }
    }
}
