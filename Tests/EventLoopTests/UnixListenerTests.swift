import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct UnixListenerTests {
    let scratch = ScratchPath()

    @Test func `a Unix socket echoes, and its file goes with the listener`() async throws {
        let path = scratch.path
        try await LoopFixture.run {
            let server = try EchoServer(try .unix(path: path, backlog: 8))
            #expect(server.address == .unix(path: path))
            let client = try await Peer.connect(to: server.address)
            #expect(client.stream.peer == "unix")
            try client.stream.write(Pattern.bytes(400_000).span)
            try await LoopTurn.until { client.received.count == 400_000 }
            #expect(client.received == Pattern.bytes(400_000))
            client.stream.close()
            server.close()
            #expect(!FileIO.exists(path))
        }
    }

    @Test func `a socket file on which nobody answers is replaced`() async throws {
        let path = scratch.path
        try Self.leaveSocketFile(at: path)
        #expect(FileIO.exists(path))
        try await LoopFixture.run { try Listener.unix(path: path, backlog: 8).close() }
    }

    @Test func `a socket on which somebody answers is left alone`() async throws {
        let path = scratch.path
        try await LoopFixture.run {
            let first = try EchoServer(try .unix(path: path, backlog: 8))
            let error = #expect(throws: UVError.self) {
                try Listener.unix(path: path, backlog: 8)
            }
            #expect(error?.isAddressInUse == true)
            try await Stream.connect(to: first.address, deadline: .seconds(5)).close()
            first.close()
        }
    }

    @Test func `a file that is no socket is left alone`() async throws {
        let path = scratch.path
        try FileIO.create(path, containing: [1, 2, 3])
        try await LoopFixture.run {
            let error = #expect(throws: UVError.self) {
                try Listener.unix(path: path, backlog: 8)
            }
            #expect(error?.isAddressInUse == true)
        }
        #expect(try FileIO.read(path, bytesMax: 3) == [1, 2, 3])
    }

    @Test func `a path that a socket address can't hold is refused whole`() async throws {
        let path = scratch.path + String(repeating: "x", count: 100)
        try await LoopFixture.run {
            let error = #expect(throws: UVError.self) {
                try Listener.unix(path: path, backlog: 8)
            }
            #expect(error?.name == "ENAMETOOLONG")
        }
    }

    /// As a process that was killed does.
    private static func leaveSocketFile(at path: String) throws {
        let descriptor = try RawSocket.listening(at: path)
        _ = close(descriptor)
    }
}
