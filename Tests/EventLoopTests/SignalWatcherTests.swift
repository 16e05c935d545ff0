import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct SignalWatcherTests {
    @LoopActor private final class Log { var signals: [ProcessSignal] = [] }

    @Test(arguments: [
        (ProcessSignal.terminate, SIGTERM), (.interrupt, SIGINT), (.hangUp, SIGHUP),
    ])
    func `a watched signal calls back instead of ending the process`(
        signal: ProcessSignal, number: Int32
    ) async throws {
        try await LoopFixture.run {
            let log = Log()
            let watcher = try SignalWatcher(signal) { log.signals.append(signal) }
            _ = kill(getpid(), number)
            try await LoopTurn.until { log.signals == [signal] }
            _ = watcher
        }
    }

    @Test func `without its watcher a signal ends the process again`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try await LoopFixture.run { _ = try SignalWatcher(.terminate) {} }
            _ = kill(getpid(), SIGTERM)
            // Another thread may be the one to get it; a signal that never comes fails as SIGALRM.
            _ = alarm(10)
            while true { _ = pause() }
        }
    }
}
