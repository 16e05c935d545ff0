import EventLoop
import GatewayTesting
import Testing

@Suite struct InheritedListenerTests {
    let scratch = ScratchPath()

    @Test func `a TCP socket that listens already is taken over`() async throws {
        let descriptor = try RawSocket.listeningOnLoopback()
        let inode = RawSocket.inode(of: descriptor)
        try await LoopFixture.run {
            let server = try EchoServer(try .inherited(descriptor: descriptor))
            let client = try await Peer.connect(to: server.address)
            try client.stream.write(Array("x".utf8).span)
            try await LoopTurn.until { client.received == Array("x".utf8) }
            client.stream.close()
            server.close()
        }
        // By now the number may be another test's.
        #expect(RawSocket.inode(of: descriptor) != inode, "the listener owns the descriptor")
    }

    @Test func `a Unix socket that listens already keeps its path and its file`() async throws {
        let path = scratch.path
        let descriptor = try RawSocket.listening(at: path)
        try await LoopFixture.run {
            let server = try EchoServer(try .inherited(descriptor: descriptor))
            #expect(server.address == .unix(path: path))
            let client = try await Peer.connect(to: server.address)
            client.stream.close()
            server.close()
        }
        #expect(FileIO.exists(path), "systemd made the file, and systemd removes it")
    }

    @Test func `a descriptor that is no socket is refused`() async throws {
        try await LoopFixture.run {
            let pipe = try Pipe()
            let error = #expect(throws: UVError.self) {
                try Listener.inherited(descriptor: pipe.readEnd)
            }
            #expect(error?.name == "ENOTSOCK")
        }
    }
}
