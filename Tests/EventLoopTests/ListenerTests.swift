import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct ListenerTests {
    @Test func `port 0 becomes a real port, and both ends have names`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            guard case .tcp("127.0.0.1", let port) = listener.boundAddress else {
                Issue.record("\(listener.boundAddress)")
                return
            }
            #expect(port != 0)
            let accepted = Accepted()
            try listener.start { accepted.streams.append($0) }
            let client = try await Stream.connect(
                to: listener.boundAddress, deadline: .seconds(5))
            try await LoopTurn.until { accepted.streams.count == 1 }
            #expect(client.peer == listener.boundAddress.description)
            #expect(accepted.streams.first?.peer.hasPrefix("127.0.0.1:") == true)
            client.close()
            accepted.streams = []
            listener.close()
        }
    }

    @Test func `the IPv6 wildcard takes both kinds of client`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "::", port: 0, backlog: 8)
            guard case .tcp(_, let port) = listener.boundAddress else { return }
            let accepted = Accepted()
            try listener.start { accepted.streams.append($0) }
            for host in ["::1", "127.0.0.1"] {
                let address = ListenAddress.tcp(host: host, port: port)
                try await Stream.connect(to: address, deadline: .seconds(5)).close()
            }
            try await LoopTurn.until { accepted.streams.count == 2 }
            #expect(accepted.streams.first?.peer.hasPrefix("[::1]:") == true)
            #expect(accepted.streams.last?.peer.hasPrefix("[::ffff:127.0.0.1]:") == true)
            accepted.streams = []
            listener.close()
        }
    }

    @Test func `an address in use is refused, and free again after close`() async throws {
        try await LoopFixture.run {
            let first = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            try first.start { _ in }
            guard case .tcp(let host, let port) = first.boundAddress else { return }
            let error = #expect(throws: UVError.self) {
                try Listener.tcp(host: host, port: port, backlog: 8)
            }
            #expect(error?.isAddressInUse == true)
            first.close()
            try Listener.tcp(host: host, port: port, backlog: 8).close()
        }
    }

    @Test(arguments: ["localhost", "", "256.0.0.1", "[::1]", "::g"])
    func `a host that is no number is refused`(host: String) async throws {
        try await LoopFixture.run {
            let error = #expect(throws: UVError.self) {
                try Listener.tcp(host: host, port: 0, backlog: 8)
            }
            #expect(error?.name == "EINVAL")
        }
    }

    @Test func `a paused listener leaves clients waiting until it resumes`() async throws {
        try await LoopFixture.run {
            let server = try EchoServer()
            server.listener.pause()
            let client = try await Peer.connect(to: server.address)
            try client.stream.write(Array("x".utf8).span)
            for _ in 0..<10 { await LoopTurn.next() }
            #expect(server.openCount == 0)
            server.listener.resume()
            try await LoopTurn.until { client.received == Array("x".utf8) }
            client.stream.close()
            server.close()
        }
    }

    @Test func `a listener that closes frees its port and drops its backlog`() async throws {
        try await LoopFixture.run {
            let server = try EchoServer()
            server.listener.pause()
            let client = try await Peer.connect(to: server.address)
            server.close()
            #expect(server.listener.isClosing)
            #expect(throws: UVError.self) { try server.listener.start { _ in } }
            try await LoopTurn.until { client.hasEnded || !client.errors.isEmpty }
            client.stream.close()
        }
    }

    @Test func `a listener may be closed by the connection it hands over`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            let accepted = Accepted()
            try listener.start { [unowned listener] stream in
                accepted.streams.append(stream)
                listener.close()
            }
            let client = try await Peer.connect(to: listener.boundAddress)
            try await LoopTurn.until { accepted.streams.count == 1 }
            accepted.streams = []
            client.stream.close()
        }
    }

    @Test func `a stream that nobody keeps is closed at once`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            try listener.start { _ in }
            let client = try await Peer.connect(to: listener.boundAddress)
            try await LoopTurn.until { client.hasEnded }
            client.stream.close()
            listener.close()
        }
    }

    @Test func `hundreds of clients at once are all accepted`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 512)
            let accepted = Accepted()
            try listener.start { accepted.streams.append($0) }
            listener.pause()
            var clients: [Stream] = []
            for _ in 0..<300 {
                clients.append(
                    try await Stream.connect(to: listener.boundAddress, deadline: .seconds(5)))
            }
            listener.resume()
            try await LoopTurn.until { accepted.streams.count == 300 }
            for client in clients { client.close() }
            accepted.streams = []
            listener.close()
        }
    }
}
