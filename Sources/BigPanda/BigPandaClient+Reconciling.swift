package import Alerts
import EventLoop

// What bringing many alerts in line with BigPanda takes.
extension BigPandaClient {
    /// One page of an environment's open incidents, those changed last first.
    @LoopActor package func openIncidents(
        environmentID: String, page: Int
    ) async -> Result<IncidentPage, CallFailure> {
        var search = IncidentSearch(folder: .active)
        search.page = page
        return await incidents(environmentID: environmentID, search)
    }

    /// What happened last to an incident that no environment holds.
    ///
    /// Source: docs/bigpanda.md, "Reading incidents", activities.
    @LoopActor package func absence(
        of incidentID: String
    ) async -> Result<IncidentAbsence, CallFailure> {
        guard !incidentID.isEmpty, incidentID != ".", incidentID != ".." else {
            return .failure(.notFound)
        }
        let types = ReplyReader.endings.keys.sorted().joined(separator: ",")
        let path = "\(CallPath.activities(incidentID))?types=\(types)&page=1&per_page=20"
        return await get(path, "a list of activities") { ReplyReader.absence($0) }
    }
}
