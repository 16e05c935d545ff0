import EventLoop
import GatewayApp
import Logging

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
        do throws(ConfigurationError) {
            let configuration = try configure()
            let sink = try logSink()
            let log = logger(configuration, sink)
            defer { sink.flush() }
            let service = try await GatewayService(configuration, log: log)
            announce(service, log)
            do throws(UVError) {
                try await Signals.waitForEnd()
            } catch {
                log.critical("Signals can't be received.", metadata: ["error": "\(error.message)"])
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

    /// A logger as configured.
    static func logger(_ configuration: Configuration, _ sink: LogSink) -> Logger {
        let format = configuration.logFormat ?? (StandardStream.error.isTerminal ? .text : .json)
        let level = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
        return Logger(label: "gateway") { _ in
            GatewayLogHandler(sink: sink, format: format, level: level)
        }
    }

    /// The queue in front of standard error.
    static func logSink() throws(ConfigurationError) -> LogSink {
        do throws(UVError) {
            return try LogSink()
        } catch {
            throw ConfigurationError("threads", "the system has none left: \(error.message)")
        }
    }

    private static func announce(_ service: GatewayService, _ log: Logger) {
        var metadata: Logger.Metadata = [
            "version": "\(Version.current)", "listen": "\(service.address)",
            "public_url": "\(service.publicURL)",
        ]
        if service.adminAddress != service.address {
            metadata["admin_listen"] = "\(service.adminAddress)"
        }
        if let path = service.adminTokenPath { metadata["admin_token_file"] = "\(path)" }
        log.notice("The gateway is ready.", metadata: metadata)
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
