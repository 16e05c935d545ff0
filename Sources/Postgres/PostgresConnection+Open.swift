import EventLoop

extension PostgresConnection {
    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - address: The server.
    ///   - connector: Whose thread opens it, after what it was asked for before.
    ///   - limit: After this long the caller waits no longer; what comes later is closed.
    /// - Returns: The connection, ready for calls.
    /// - Throws: `unreachable` with what libpq says, or `timedOut`.
    package static func open(
        _ address: PostgresAddress, by connector: PostgresConnector, within limit: Duration
    ) async throws(PostgresError) -> PostgresConnection {
        let opening = Opening()
        let timer = Timer()
        LoopActor.spawn { opening.end(await connector.open(address)) }
        timer.start(after: limit) {
            opening.end(
                .failure(PostgresError(.timedOut, "No connection stood within \(limit).")))
        }
        let memory = try await opening.outcome().get()
        return try PostgresConnection(memory, connector: connector)
    }
}

/// The first of two ends: the connector's, or the deadline's.
@LoopActor
private final class Opening {
    typealias Outcome = Result<ConnectionMemory, PostgresError>

    private var isOver = false
    private var waiting: CheckedContinuation<Outcome, Never>?

    func outcome() async -> Outcome {
        await withCheckedContinuation { waiting = $0 }
    }

    /// What comes second is let go of, which closes it.
    func end(_ outcome: Outcome) {
        guard let waiting else { return }
        self.waiting = nil
        waiting.resume(returning: outcome)
    }
}
