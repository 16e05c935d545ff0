import EventLoop

/// Ends a session in the middle of its work.
@LoopActor
final class SessionCutter {
    private let fixture: PostgresFixture
    private var cutting: Task<Void, Never>?
    private var failure: (any Error)?

    init(_ fixture: PostgresFixture) { self.fixture = fixture }

    func cut() {
        guard cutting == nil else { return }
        cutting = LoopActor.spawn {
            do {
                try await self.fixture.run(
                    """
                    SELECT count(pg_terminate_backend(l.pid, 5000)) FROM pg_stat_activity l
                    WHERE l.pid <> pg_backend_pid()
                        AND l.application_name = '\(self.fixture.schema)'
                    """)
            } catch {
                self.failure = error
            }
        }
    }

    func end() async throws {
        await cutting?.value
        if let failure { throw failure }
    }
}
