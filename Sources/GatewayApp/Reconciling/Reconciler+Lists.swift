import Alerts
import BigPanda
import EventLoop

// Many incidents with few calls.
extension Reconciler {
    /// Reads what it can of many due readings from the lists of their environments' open incidents.
    ///
    /// An incident that no list shows may be closed, gone or hidden: it is read by itself.
    /// - Returns: The alerts that were read.
    func readLists(
        of due: [DueReading], for id: IntegrationID
    ) async throws(StoreError) -> Set<AlertID> {
        let groups = Dictionary(grouping: due) { finder.preferred($0.environmentID, for: id) }
        var listed: Set<AlertID> = []
        for (environmentID, group) in groups where group.count > Limits.readingsUnlistedMax {
            guard let environmentID else { continue }
            listed.formUnion(try await readList(of: group, in: environmentID, for: id))
        }
        return listed
    }

    private func readList(
        of group: [DueReading], in environmentID: String, for id: IntegrationID
    ) async throws(StoreError) -> Set<AlertID> {
        // Two sources may know one incident.
        var missing = Dictionary(grouping: group, by: \.incidentID)
        var listed: Set<AlertID> = []
        var page = 1
        var pagesLeft = 1
        // Another page costs a call, as does each incident that it might spare.
        while pagesLeft > 0, pagesLeft < missing.count, mayReadDue(id) {
            let readAt = clock.now
            let answer = await connections.call(id, .reading) {
                await $0.openIncidents(environmentID: environmentID, page: page)
            }
            // What is wrong shows when they are read one by one.
            guard case .success(let found) = answer else { break }
            var items: [DueReading] = []
            var readings: [IncidentReading] = []
            for incident in found.incidents {
                guard let known = missing.removeValue(forKey: incident.id) else { continue }
                items += known
                readings += Array(repeating: incident.reading, count: known.count)
            }
            try await keep(items, as: readings, readAt: readAt)
            listed.formUnion(items.map(\.alertID))
            pagesLeft = Self.pagesLeft(after: page, showing: found)
            page += 1
        }
        return listed
    }

    private static func pagesLeft(after page: Int, showing found: IncidentPage) -> Int {
        let size = CallLimits.pageSizeMax
        guard let total = found.total else { return found.incidents.count < size ? 0 : 1 }
        return max((max(total, 0) + size - 1) / size - page, 0)
    }
}
