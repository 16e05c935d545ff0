import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

@Suite struct HTTPServerTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A server on a port of its own.
    @LoopActor
    private static func serve(
        _ bench: ServerBench
    ) throws -> ListenAddress {
        let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 64)
        try bench.server.serve(listener)
        return listener.boundAddress
    }

    @Test func `requests on one connection are answered one after the other`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let probe = try await HTTPProbe.connect(to: Self.serve(bench))
            try probe.send(Self.get)
            #expect(try await probe.answers(1).map(\.body) == ["root"])
            try probe.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await probe.answers(2).map(\.body) == ["root", "hi"])
            probe.stream.close()
            try await LoopTurn.until { bench.server.connectionsOpen == 1 }
            bench.server.stop()
        }
    }

    @Test func `a client that shuts its side early gets the answer, then the end`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let probe = try await HTTPProbe.connect(to: Self.serve(bench))
            try probe.send("GET /task HTTP/1.1\r\nHost: a\r\n\r\n")
            probe.stream.shutdownWrite()
            #expect(try await probe.answersUntilEnd().map(\.body) == ["task"])
            #expect(probe.failure == nil)
            probe.stream.close()
            bench.server.stop()
        }
    }

    @Test func `a client that sends on after a refusal can read it`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let probe = try await HTTPProbe.connect(to: Self.serve(bench))
            try probe.send("POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
            try probe.stream.write([UInt8](repeating: 0, count: 900_000).span)
            let answers = try await probe.answersUntilEnd()
            #expect(answers.map(\.status) == [401])
            #expect(probe.failure == nil)
            probe.stream.close()
            bench.server.stop()
        }
    }

    @Test func `connections over the limit wait for their turn`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.connectionsMax = 3 }  // One is the bench's own.
            let address = try Self.serve(bench)
            var probes: [HTTPProbe] = []
            for _ in 0..<6 {
                let probe = try await HTTPProbe.connect(to: address)
                try probe.send(Self.get)
                probes.append(probe)
            }
            for probe in probes {
                #expect(try await probe.answers(1).map(\.status) == [200])
                #expect(bench.server.connectionsOpen <= 3)
                probe.stream.close()
            }
            bench.server.stop()
        }
    }

    @Test func `a drain finishes what is under way and lets nobody in`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.drainIdleDuration = .milliseconds(20) }
            let address = try Self.serve(bench)
            let idle = try await HTTPProbe.connect(to: address)
            let busy = try await HTTPProbe.connect(to: address)
            try busy.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { bench.waiting.count == 1 }
            let drain = LoopActor.spawn { await bench.server.drain(deadline: .seconds(5)) }
            #expect(try await idle.answersUntilEnd().isEmpty)
            await #expect(throws: UVError.self) { try await HTTPProbe.connect(to: address) }
            bench.waiting[0].respond(.text(.ok, "done"))
            let answers = try await busy.answersUntilEnd()
            #expect(answers.map(\.body) == ["done"])
            #expect(answers.first?.has("Connection: close") == true)
            idle.stream.close()
            busy.stream.close()
            await drain.value
            #expect(bench.server.connectionsOpen == 0)
        }
    }

    @Test func `a request that arrives as a drain begins is answered`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let probe = try await HTTPProbe.connect(to: Self.serve(bench))
            try probe.send(Self.get)
            _ = try await probe.answers(1)
            let drain = LoopActor.spawn { await bench.server.drain(deadline: .seconds(5)) }
            try await LoopTurn.until { bench.server.isDraining }
            try probe.send(Self.get)
            let answers = try await probe.answersUntilEnd()
            #expect(answers.map { $0.has("Connection: close") } == [false, true])
            probe.stream.close()
            await drain.value
        }
    }

    @Test func `a drain ends at its deadline`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            await bench.server.drain(deadline: .milliseconds(30))
            #expect(bench.transport.isClosing)
            #expect(bench.waiting[0].isCancelled)
            bench.waiting[0].respond(.noContent)
        }
    }

    @Test func `routes answer without a connection`() async throws {
        try await LoopFixture.run {
            var routes = HTTPRoutes()
            routes.addAsync(.post, "/a/{b}", bodyBytesMax: 3) { request, parameters in
                await Task.yield()
                return .text(.ok, (parameters["b"] ?? "") + "\(request.body.count)")
            }
            for (method, target, count, status) in [
                (HTTPMethod.post, "/a/x", 3, 200), (.post, "/a/x", 4, 413), (.get, "/a/x", 0, 405),
                (.post, "/b", 0, 404), (.options, "/a/x", 0, 204),
            ] {
                let head = try HTTPRequestHead(method, target)
                let request = HTTPRequest(head: head, body: [UInt8](repeating: 0, count: count))
                #expect(await routes.answer(to: request).status.code == status)
            }
        }
    }

    @Test func `a request that its handler forgets traps`() async {
        await #expect(processExitsWith: .failure) {
            try await LoopFixture.run {
                var routes = HTTPRoutes()
                routes.add(.get, "/") { _, _, _ in }
                _ = await routes.answer(to: HTTPRequest(head: try HTTPRequestHead(.get, "/")))
            }
        }
    }

    @Test func `a request answered twice traps`() async {
        await #expect(processExitsWith: .failure) {
            try await LoopFixture.run {
                var routes = HTTPRoutes()
                routes.add(.get, "/") { _, _, responder in
                    responder.respond(.noContent)
                    responder.respond(.noContent)
                }
                _ = await routes.answer(to: HTTPRequest(head: try HTTPRequestHead(.get, "/")))
            }
        }
    }
}
