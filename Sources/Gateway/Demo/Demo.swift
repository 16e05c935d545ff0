import EventLoop
import GatewayApp
import JSON
import StubBigPanda

/// A gateway and a stub BigPanda in one process, and the story that they play.
@LoopActor
enum Demo {
    /// Plays the story.
    ///
    /// Waits for a signal afterwards when it `staysUp`.
    ///
    /// - Returns: The exit status.
    static func run(at address: ListenAddress, staysUp: Bool) async -> Int32 {
        let workspace: DemoWorkspace
        do throws(FileError) {
            workspace = try DemoWorkspace()
        } catch {
            Terminal.complain("The demo needs a directory of its own: \(error)")
            return 1
        }
        defer { workspace.remove() }
        do {
            var configuration = Configuration()
            configuration.store = .sqlite(SQLiteLocation(path: workspace.storePath))
            // What goes wrong in the story is told in its own words.
            configuration.logLevel = .critical
            let log = try GatewayLog(configuration)
            defer { log.flush() }
            let clock = DemoClock()
            clock.fallBehind(minutes: DemoNight.minutes)
            let service = try await serve(&configuration, at: address, log, clock)
            let stub = try StubServer(StubServer.Configuration(clock: { clock.now }))
            let stubURL = try stub.start(at: .tcp(host: "127.0.0.1", port: 0))
            let status = try await play(
                service, stubURL: stubURL, workspace, clock, staysUp: staysUp)
            await service.stop(grace: .zero)
            await stub.stop()
            return status
        } catch let error as ClientError {
            Terminal.complain("\nThe demo did not go as it should: \(error.message)")
        } catch {
            Terminal.complain("\nThe demo could not run: \(error)")
        }
        return 1
    }

    /// Starts the gateway, on a free port if the one asked for is taken.
    private static func serve(
        _ configuration: inout Configuration, at address: ListenAddress, _ log: GatewayLog,
        _ clock: DemoClock
    ) async throws -> GatewayService {
        configuration.listen = address
        do throws(ConfigurationError) {
            return try await GatewayService(configuration, log: log, clock: clock.wall)
        } catch {
            guard error.variable == Setting.listen.variable,
                case .tcp(let host, _) = address
            else { throw error }
            Terminal.say("(\(address) is taken, so a free port is used.)")
            configuration.listen = .tcp(host: host, port: 0)
            return try await GatewayService(configuration, log: log, clock: clock.wall)
        }
    }

    private static func play(
        _ service: GatewayService, stubURL: String, _ workspace: DemoWorkspace,
        _ clock: DemoClock, staysUp: Bool
    ) async throws -> Int32 {
        let url = "http://\(service.adminAddress)"
        let token = try workspace.adminToken()
        let gateway = try GatewayClient(url: url, token: token)
        let stub = try GatewayClient(url: stubURL, token: nil)
        let stage = DemoStage(
            gateway: gateway, gatewayURL: url, stub: stub, stubURL: stubURL)
        let story = DemoStory(on: stage, after: DemoNight(on: stage, by: clock))
        do throws(ClientError) {
            try await story.tell()
        } catch {
            gateway.close()
            stub.close()
            throw error
        }
        if staysUp { try await stayUp(url: url, stubURL: stubURL, workspace) }
        gateway.close()
        stub.close()
        return 0
    }

    private static func stayUp(
        url: String, stubURL: String, _ workspace: DemoWorkspace
    ) async throws {
        Terminal.say(
            """

            Both stay up until Ctrl-C.
              Gateway        \(url)  (open it in a browser, and sign in with the admin token)
              Stub BigPanda  \(stubURL)  (its control API is under /_stub/)
              Admin token    in the file \(workspace.adminTokenPath)

            Try:
              curl -H "Authorization: Bearer $(cat \(workspace.adminTokenPath))" \(url)/v1/alerts
              curl -X POST \(stubURL)/_stub/incidents -d '{"title":"Disk full on web-3"}' \
            -H 'Content-Type: application/json'
            """)
        try await Signals.waitForEnd()
        Terminal.say("\nEnding.")
    }
}
