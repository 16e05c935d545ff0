import EventLoop
import GatewayTesting
import Testing

@Suite struct StreamTests {
    @Test func `a megabyte comes back as it was sent`() async throws {
        try await LoopFixture.run {
            let server = try EchoServer()
            defer { server.close() }
            let client = try await Peer.connect(to: server.address)
            let sent = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try client.stream.write(sent.span)
            try await LoopTurn.until { client.received.count >= sent.count }
            #expect(client.received == sent)
            client.stream.close()
            try await LoopTurn.until { server.openCount == 0 }
            #expect(server.failures.isEmpty)
        }
    }
}
