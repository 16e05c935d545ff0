package import Alerts
package import EventLoop

/// Finds the environment through which an incident can be reached.
///
/// The environment that the payload named comes first, then the integration's, then all others
/// that the key sees, each asked for the incident.
@LoopActor
package struct IncidentFinder {
    private let connections: Connections
    private let directory: Directory

    /// Makes a finder.
    package init(connections: Connections, directory: Directory) {
        self.connections = connections
        self.directory = directory
    }

    /// The environment to try first; `nil` when nobody named one.
    package func preferred(
        _ hint: String?, for id: IntegrationID
    ) -> String? {
        guard let integration = directory.integration(id) else { return nil }
        guard let hint else { return integration.environmentID }
        let known = integration.environments
        if known.contains(where: { $0.id == hint }) { return hint }
        // Templates may name an environment as people do.
        if let named = known.first(where: { $0.name == hint }) { return named.id }
        return Self.isEnvironmentID(hint) ? hint : integration.environmentID
    }

    /// Reads an incident, through the environment to try first or else through the others.
    ///
    /// - Returns: What the incident looks like and where; `.notFound` when no environment has it.
    package func read(
        _ incidentID: String, hint: String?, for id: IntegrationID, urgency: CallGate.Urgency
    ) async -> Result<IncidentReading, CallFailure> {
        guard let preferred = preferred(hint, for: id) else {
            return await search(incidentID, for: id, urgency: urgency, except: [])
        }
        let answer = await connections.call(id, urgency) {
            await $0.read(incidentID: incidentID, environmentID: preferred)
        }
        switch answer {
        case .success(var reading):
            reading.environmentID = preferred
            return .success(reading)
        case .failure(.notFound):
            return await search(incidentID, for: id, urgency: urgency, except: [preferred])
        case .failure(let failure):
            return .failure(failure)
        }
    }

    /// Asks the environments for the incident, save those in `tried`, until one has it.
    ///
    /// - Returns: What the incident looks like and where; `.notFound` when none has it.
    package func search(
        _ incidentID: String, for id: IntegrationID, urgency: CallGate.Urgency,
        except tried: Set<String>
    ) async -> Result<IncidentReading, CallFailure> {
        let listed = await connections.call(id, urgency) { await $0.environments() }
        let environments: [Integration.Environment]
        switch listed {
        case .failure(let failure): return .failure(failure)
        case .success(let current): environments = current
        }
        await remember(environments, for: id)
        for environment in environments where !tried.contains(environment.id) {
            let answer = await connections.call(id, urgency) {
                await $0.read(incidentID: incidentID, environmentID: environment.id)
            }
            switch answer {
            case .success(var reading):
                reading.environmentID = environment.id
                return .success(reading)
            // One environment may be closed to the key while the next is open.
            case .failure(.notFound), .failure(.keyForbidden): continue
            case .failure(let failure): return .failure(failure)
            }
        }
        return .failure(.notFound)
    }

    private func remember(
        _ environments: [Integration.Environment], for id: IntegrationID
    ) async {
        _ = try? await directory.change(id) { integration in  // Only shown; read again later.
            guard integration.environments != environments else { return false }
            integration.environments = environments
            return true
        }
    }

    /// Source: docs/bigpanda.md, "Environment ids".
    private static func isEnvironmentID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}
