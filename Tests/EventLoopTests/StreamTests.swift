import EventLoop
import GatewayTesting
import Testing

@Suite struct StreamTests {
    @Test func `a megabyte comes back as it was sent`() async throws {
        try await LoopFixture.run {
            let server = try EchoServer()
            let client = try await Peer.connect(to: server.address)
            let sent = Pattern.bytes(1_048_576)
            try client.stream.write(sent.span)
            try await LoopTurn.until { client.received.count >= sent.count }
            #expect(client.received == sent)
            client.stream.close()
            try await LoopTurn.until { server.openCount == 0 }
            #expect(server.failures.isEmpty)
            server.close()
        }
    }

    @Test func `resets with writes in flight leave nothing behind`() async throws {
        try await LoopFixture.run {
            let server = try EchoServer()
            for size in [1, 1_000, 100_000, 1_048_576, 4_000_000] {
                let client = try await Peer.connect(to: server.address)
                client.stream.stopReading()
                try client.stream.write(Pattern.bytes(size).span)
                try await LoopTurn.until { server.openCount == 1 }
                client.stream.closeWithReset()
                try await LoopTurn.until { server.openCount == 0 }
            }
            #expect(!server.failures.isEmpty)
            server.close()
        }
    }

    @Test func `the end of reading leaves writing open`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            try pair.client.stream.write(Array("question".utf8).span)
            pair.client.stream.shutdownWrite()
            try await LoopTurn.until { pair.server.hasEnded }
            #expect(pair.server.received == Array("question".utf8))
            try pair.server.stream.write(Array("answer".utf8).span)
            try await LoopTurn.until { pair.client.received.count == 6 }
            #expect(pair.client.received == Array("answer".utf8))
            #expect(pair.server.errors.isEmpty && pair.client.errors.isEmpty)
            pair.close()
        }
    }

    @Test func `a reset is a failure, told once, and no end`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.client.stream.closeWithReset()
            try await LoopTurn.until { !pair.server.errors.isEmpty }
            #expect(pair.server.errors.map(\.name) == ["ECONNRESET"])
            #expect(!pair.server.hasEnded)
            pair.close()
        }
    }

    @Test func `a peer that never reads shows in the queue, and drains when it does`() async throws
    {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.client.stream.stopReading()
            let sent = Pattern.bytes(100_000)
            while pair.server.stream.writeQueueBytes < 1_000_000 {
                try pair.server.stream.write(sent.span)
                await LoopTurn.next()
            }
            #expect(pair.server.drainCount == 0)
            try pair.client.stream.startReading()
            try await LoopTurn.until { pair.server.drainCount == 1 }
            #expect(pair.server.stream.writeQueueBytes == 0)
            pair.close()
        }
    }

    @Test func `what is queued is sent before the end`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.client.stream.stopReading()
            var sent: [UInt8] = []
            while pair.server.stream.writeQueueBytes < 500_000 {
                let (head, body) = (Pattern.bytes(sent.count % 977 + 1), Pattern.bytes(70_001))
                try pair.server.stream.write(head.span, body.span)
                sent += head + body
            }
            pair.server.stream.shutdownWrite()
            try pair.client.stream.startReading()
            try await LoopTurn.until { pair.client.hasEnded }
            #expect(pair.client.received == sent)
            pair.close()
        }
    }

    @Test func `a stream that is shut or closed refuses to write`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.client.stream.shutdownWrite()
            pair.client.stream.shutdownWrite()
            #expect(throws: UVError.self) { try pair.client.stream.write(Array("x".utf8).span) }
            pair.client.stream.close()
            pair.client.stream.close()
            #expect(pair.client.stream.isClosing)
            #expect(pair.client.stream.writeQueueBytes == 0)
            #expect(throws: UVError.self) { try pair.client.stream.write(Array("x".utf8).span) }
            #expect(throws: UVError.self) { try pair.client.stream.startReading() }
            pair.close()
        }
    }

    @Test func `writing to a peer that is gone is an error, not a signal`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.client.stream.closeWithReset()
            try await LoopTurn.until { !pair.server.errors.isEmpty }
            #expect(throws: UVError.self) { try pair.server.stream.write(Array("x".utf8).span) }
            pair.close()
        }
    }

    @Test func `a stream nobody keeps is closed`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.releaseServer()
            try await LoopTurn.until { pair.client.hasEnded }
            pair.close()
        }
    }

    @Test func `a delegate may drop its stream while it reads`() async throws {
        try await LoopFixture.run {
            let pair = try await Pair()
            pair.server.onRead = { pair.releaseServer() }
            try pair.client.stream.write(Pattern.bytes(300_000).span)
            try await LoopTurn.until { pair.client.hasEnded || !pair.client.errors.isEmpty }
            pair.close()
        }
    }

    @Test func `nobody listening is an error of connect`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 1)
            let address = listener.boundAddress
            listener.close()
            let error = await #expect(throws: UVError.self) {
                _ = try await Stream.connect(to: address, deadline: .seconds(5))
            }
            #expect(error?.isConnectionRefused == true)
        }
    }

    @Test func `a connect that takes too long is given up`() async throws {
        try await LoopFixture.run {
            // Never listens nor refuses: the backlog of one is full and the socket is bound.
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 0)
            try listener.start { _ in }
            listener.pause()
            var clients: [Stream] = []
            var failure: UVError?
            for _ in 0..<4 where failure == nil {
                do throws(UVError) {
                    let deadline = Duration.milliseconds(50)
                    clients.append(
                        try await Stream.connect(to: listener.boundAddress, deadline: deadline))
                } catch {
                    failure = error
                }
            }
            #expect(failure?.isTimeout == true)
            for client in clients { client.close() }
            listener.close()
        }
    }
}
