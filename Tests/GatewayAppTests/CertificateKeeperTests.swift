import Alerts
import EventLoop
import FileTesting
import GatewayTesting
import HTTPServer
import Logging
import TLSTesting
import Testing

@testable import GatewayApp
@testable import TLS

@Suite struct CertificateKeeperTests {
    private let directory = TemporaryDirectory()

    /// Files as an operator would lay them.
    private func files() throws -> TLSFiles {
        let paths = ["chain.pem", "key.pem"].map { directory.path + "/" + $0 }
        for (path, text) in zip(paths, [TestCertificate.chain, TestCertificate.key]) {
            try FileIO.create(path, containing: Array(text.utf8))
        }
        return TLSFiles(certificate: paths[0], key: paths[1], clientAuthorities: nil)
    }

    @Test func `tickets are sealed anew every 12 hours, and open for as long again`() async throws {
        let files = try files()
        try await LoopFixture.run {
            let keeper = try CertificateKeeper(files, clock: .system, log: Logger(label: "test"))
            defer { keeper.stop() }
            let server = HTTPServer(routes: HTTPRoutes())
            keeper.serve(on: server)
            let context = try #require(server.tls)
            // Each ticket is used once.
            var tickets = try (0..<4).map { _ in try Self.met(context) }
            let start = LoopActor.executor.now
            let hour = Duration.seconds(3_600)
            for (hours, isResumed) in [(11, true), (13, true), (24, true), (26, false)] {
                keeper.rotateTicketKeys(at: start + hour * hours)
                let ticket = tickets.removeLast()
                let second = try Self.met(context) { $0.resume(ticket) }
                #expect(second.isEstablished && second.isResumed == isResumed, "\(hours) h")
            }
        }
    }

    /// A client that has met a server and got its ticket.
    private static func met(
        _ context: TLSContext, _ configure: (TLSClient) -> Void = { _ in }
    ) throws -> TLSClient {
        let server = try TLSSession(context)
        let client = try TLSClient(configure)
        var received: [UInt8] = []
        for _ in 0..<4 {
            server.receive(client.proceed().span)
            _ = server.readAll(into: &received)
            client.receive(server.output())
        }
        _ = client.proceed()
        return client
    }
}
