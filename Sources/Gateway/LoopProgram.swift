import ArgumentParser
import EventLoop
import Synchronization

/// Runs a command's work on the loop, on the main thread, until it is done.
enum LoopProgram {
    /// Runs `body` and returns what it threw or gave.
    ///
    /// - Throws: `ExitCode` when the status is not 0.
    static func run(_ body: @escaping @LoopActor () async -> Int32) throws {
        let result = ExitStatus()
        LoopActor.spawn {
            result.set(await body())
            LoopActor.executor.stop()
        }
        LoopActor.executor.run()
        guard result.value == 0 else { throw ExitCode(result.value) }
    }

    /// As `run`, for work that talks to a gateway: what it throws is printed on standard error.
    static func runClient(
        _ body: @escaping @LoopActor () async throws(ClientError) -> Void
    ) throws {
        try run { () async -> Int32 in
            do throws(ClientError) {
                try await body()
                return 0
            } catch {
                Terminal.complain(error.message)
                return 1
            }
        }
    }
}

/// The exit status, handed from the loop to the main thread.
private final class ExitStatus: Sendable {
    private let status = Mutex<Int32>(0)

    var value: Int32 { status.withLock { $0 } }

    func set(_ value: Int32) {
        status.withLock { $0 = value }
    }
}
