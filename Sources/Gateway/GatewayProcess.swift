import EventLoop
import GatewayApp

/// The life of the serving process: start, signals, end.
@LoopActor
enum GatewayProcess {
    /// The exit status when a second signal asks for haste (128 + SIGTERM).
    private static let hastyStatus: Int32 = 143

    /// Serves until a signal comes.
    ///
    /// - Returns: The exit status.
    static func run(
        _ configure: @LoopActor () throws(ConfigurationError) -> Configuration
    ) async -> Int32 {
        StartupMemory.keepLargeBlocksApart()
        do throws(ConfigurationError) {
            let configuration = try configure()
            let log = try GatewayLog(configuration)
            defer { log.flush() }
            let service = try await GatewayService(configuration, log: log)
            service.announce()
            StartupMemory.release()
            do throws(UVError) {
                try await Signals.waitForEnd()
            } catch {
                log.fail("Signals can't be received: \(error.message)")
                return 1
            }
            let hurry = Signals.onSecond { ProcessExit.now(hastyStatus) }
            await service.stop()
            withExtendedLifetime(hurry) {}
            return 0
        } catch {
            Terminal.complain("bigpanda-gateway: \(error)")
            return ConfigurationError.exitStatus
        }
    }
}

/// The signals that end the process.
@LoopActor
enum Signals {
    /// Returns when SIGTERM or SIGINT comes.
    static func waitForEnd() async throws(UVError) {
        var watchers: [SignalWatcher] = []
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        for signal in [ProcessSignal.terminate, .interrupt] {
            watchers.append(try SignalWatcher(signal) { continuation.yield() })
        }
        for await _ in signals { break }
        withExtendedLifetime(watchers) {}
    }

    /// Calls `body` when one more signal comes while the result is kept.
    static func onSecond(_ body: @escaping @LoopActor () -> Void) -> [SignalWatcher] {
        [ProcessSignal.terminate, .interrupt].compactMap { signal in
            try? SignalWatcher(signal, body)  // Without it the second signal is merely ignored.
        }
    }
}
