package import Alerts
package import EventLoop
import HTTPServer

/// Sends to each reader of the live stream what changed.
///
/// The store is read once for all who have read equally far, at most ten times a second, and not at
/// all while nobody reads. A reader that is slower gets later, and as it is then, what changed
/// meanwhile: nothing is held for it.
@LoopActor
package final class ChangeHub {
    /// How often things are done.
    package struct Pace: Sendable {
        /// Between two looks for changes.
        package var interval = Limits.streamInterval
        /// After the store could not be read.
        package var retry = Duration.seconds(Limits.retryAfterSeconds)
        /// Between two signs of life.
        package var heartbeat = Limits.streamHeartbeat

        /// The defaults.
        package init() {}
    }

    private let feed: any ChangeFeed
    private let pace: Pace
    private var clients: [ObjectIdentifier: StreamClient] = [:]
    private let wakeup = Timer()
    private let heartbeat = Timer()
    private(set) var isReading = false
    private(set) var isScheduled = false
    private var lastRead: ContinuousClock.Instant?

    /// Makes a hub that nobody reads from.
    package init(feed: any ChangeFeed, pace: Pace = Pace()) {
        self.feed = feed
        self.pace = pace
    }

    /// Open streams.
    package var count: Int { clients.count }

    /// Whether another stream may be opened.
    package var hasRoom: Bool { clients.count < Limits.streamsMax }

    /// The number from which a new reader goes on.
    func latestChange() async throws(StoreError) -> Int64 { try await feed.latestChange() }

    /// Takes in a reader, until its stream ends.
    func add(_ client: StreamClient) {
        let key = ObjectIdentifier(client)
        guard client.stream.isOpen else { return }
        clients[key] = client
        client.stream.onWritable = { [weak self] in self?.schedule() }
        client.stream.onEnd = { [weak self] in self?.remove(key) }
        if clients.count == 1 { start() }
        schedule()
    }

    /// Something may have changed.
    package func changed() {
        for client in clients.values { client.isBehind = true }
        schedule()
    }

    private func remove(_ key: ObjectIdentifier) {
        clients[key] = nil
        if clients.isEmpty { rest() }
    }

    private func start() {
        feed.onChange { [weak self] in LoopActor.spawn { self?.changed() } }
        scheduleHeartbeat()
    }

    private func rest() {
        feed.onChange(nil)
        heartbeat.stop()
        wakeup.stop()
        isScheduled = false
    }

    private func scheduleHeartbeat() {
        heartbeat.start(after: pace.heartbeat) { [weak self] in
            guard let self else { return }
            for (key, client) in clients {
                client.keepAlive()
                endIfDismissed(client, key)
            }
            guard !clients.isEmpty else { return }
            // Were a change not told, it would be found now.
            changed()
            scheduleHeartbeat()
        }
    }

    private func endIfDismissed(_ client: StreamClient, _ key: ObjectIdentifier) {
        guard let isStillAdmitted = client.isStillAdmitted else { return }
        LoopActor.spawn { [weak self] in
            guard await !isStillAdmitted() else { return }
            client.stream.end()
            self?.remove(key)
        }
    }

    private func schedule(after wait: Duration = .zero) {
        guard !isReading, !isScheduled, clients.values.contains(where: \.isReady) else { return }
        isScheduled = true
        let since = lastRead.map { $0.duration(to: .now) } ?? pace.interval
        wakeup.start(after: max(wait, pace.interval - since, .zero)) { [weak self] in
            self?.isScheduled = false
            self?.read()
        }
    }

    private func read() {
        isReading = true
        LoopActor.spawn { [self] in
            let ready = clients.values.filter(\.isReady)
            var pause = Duration.zero
            for (position, group) in Dictionary(grouping: ready, by: \.position) {
                if await !read(after: position, for: group) {
                    pause = pace.retry
                }
            }
            lastRead = .now
            isReading = false
            schedule(after: pause)
        }
    }

    /// Reads a page for readers that have read equally far.
    ///
    /// - Returns: Whether the store could be read.
    private func read(after position: Int64, for group: [StreamClient]) async -> Bool {
        let kinds = group.reduce(into: Set<Change.Kind>()) { $0.formUnion($1.kinds) }
        // What changes from here on may be missing from the page.
        for client in group { client.isBehind = false }
        do throws(StoreError) {
            let page = EncodedPage(
                try await feed.changes(
                    ChangeQuery(after: position, kinds: kinds, limit: Limits.streamPageChanges)))
            for client in group where client.stream.isOpen { client.send(page) }
            return true
        } catch {
            // The store's health tells of it.
            for client in group { client.isBehind = true }
            return false
        }
    }
}
