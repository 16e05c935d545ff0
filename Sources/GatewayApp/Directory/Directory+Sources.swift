package import Alerts
import EventLoop

// The sources, and how they are changed.
extension Directory {
    /// All sources as the store has them, counts included, by name; but those of canaries.
    package func sources() async throws(StoreError) -> [Source] {
        try await store.sources().filter { !$0.id.isCanary }
    }

    /// A source as it was last written, without its latest counts.
    package func source(_ id: String) -> Source? { sourcesByID[id] }

    /// The ids of all sources.
    var sourceIDs: Set<SourceID> {
        Set(sourcesByID.values.map(\.id).filter { !$0.isCanary })
    }

    /// How many sources there are.
    package var sourceCount: Int { sourcesByID.count }

    /// Adds a source.
    package func insert(_ source: Source) async throws(StoreError) {
        try await store.insert(source)
        sourcesByID[source.id.text] = source
        changesCount += 1
        await settle()
    }

    /// Changes a source as it is now, whoever else changes it meanwhile.
    ///
    /// - Parameters:
    ///   - id: The source.
    ///   - change: Makes of it what it is to be, perhaps more than once.
    /// - Returns: What it is now, with its counts; `nil` when it is gone.
    /// - Throws: What the store throws; `busy` when others changed it each time.
    package func change(
        _ id: SourceID, _ change: @LoopActor (inout Source) -> Void
    ) async throws(StoreError) -> Source? {
        for _ in 0..<Limits.changeAttemptsMax {
            // The store itself is asked: what another gateway did may not be known here yet.
            guard let before = try await store.sources().first(where: { $0.id == id }) else {
                return nil
            }
            var changed = before
            change(&changed)
            if try await store.update(changed, over: before) {
                sourcesByID[id.text] = changed
                changesCount += 1
                await settle()
                return changed
            }
        }
        throw StoreError(.busy, "Too many change the source at once; try again.")
    }

    /// Takes a source out of use; false when there is none.
    package func removeSource(_ id: SourceID) async throws(StoreError) -> Bool {
        let isRemoved = try await store.removeSource(id, at: clock.now)
        sourcesByID[id.text] = nil
        changesCount += 1
        await settle()
        return isRemoved
    }

    /// The source of an integration's canaries, if it has one.
    func canarySource(of id: IntegrationID) -> SourceID? {
        sourcesByID.values.first { $0.id.isCanary && $0.integrationID == id }?.id
    }

    /// Takes the source of an integration's canaries out of use, if it has one.
    func removeCanarySource(of id: IntegrationID) async throws(StoreError) {
        guard let source = canarySource(of: id) else { return }
        _ = try await removeSource(source)
    }
}
