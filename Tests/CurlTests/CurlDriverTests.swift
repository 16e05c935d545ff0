import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlDriverTests {
    @Test func `an answer comes back whole, names in lower case`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(
                .answer(
                    "HTTP/1.1 404 Not Found\r\nX-One: 1\r\nX-Two:\t two \r\nX-one: again\r\n"
                        + "Content-Length: 4\r\n\r\nbody"))
            let driver = try CurlDriver()
            let response = try await driver.perform(.plain("GET", server.url + "/path?q=1"))
            #expect(response.statusCode == 404)
            #expect(response.headers.map(\.name) == ["x-one", "x-two", "x-one", "content-length"])
            #expect(response.headers.map(\.value) == ["1", "two", "again", "4"])
            #expect(response.header("x-two") == "two")
            #expect(response.header("x-three") == nil)
            #expect(response.body == Array("body".utf8))
            #expect(response.httpVersion == "1.1")
            #expect(server.requests.first?.line == "GET /path?q=1 HTTP/1.1")
            driver.close()
            server.close()
        }
    }

    @Test func `connections are used again`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok("x"))
            let driver = try CurlDriver()
            for isReused in [false, true, true] {
                let response = try await driver.perform(.plain("GET", server.url))
                #expect(response.isConnectionReused == isReused)
            }
            #expect(server.connectionCount == 1)
            driver.close()
            try await LoopTurn.until { server.openCount == 0 }
            server.close()
        }
    }

    @Test func `a redirect is an answer, not followed`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(
                .answer("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"))
            let driver = try CurlDriver()
            let response = try await driver.perform(.plain("GET", server.url))
            #expect(response.statusCode == 302)
            #expect(server.requests.count == 1)
            driver.close()
            server.close()
        }
    }

    @Test func `only the last of several answers counts`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(
                .answer(
                    "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"))
            let driver = try CurlDriver()
            let response = try await driver.perform(.plain("GET", server.url))
            #expect(response.statusCode == 200)
            #expect(response.headers.map(\.name) == ["transfer-encoding"])
            #expect(response.body == Array("abcde".utf8))
            driver.close()
            server.close()
        }
    }

    @Test func `a Unix socket is spoken to as well`() async throws {
        let path = "/tmp/gateway-curl-\(UInt32.random(in: 0 ... .max))"
        try await LoopFixture.run {
            let server = try ScriptedServer(try .unix(path: path, backlog: 8)) { _ in .ok("x") }
            let driver = try CurlDriver()
            var request = CurlRequest(method: "GET", url: "http://localhost/")
            request.allowsPlainHTTP = true
            request.unixSocketPath = path
            #expect(try await driver.perform(request).body == Array("x".utf8))
            driver.close()
            server.close()
        }
    }

    @Test func `two thousand transfers, fifty at a time, leave nothing behind`() async throws {
        try await LoopFixture.run(deadline: .seconds(60)) {
            let server = try ScriptedServer { request in
                request.line.contains("close") ? .answerAndClose(Self.closing) : .ok("x")
            }
            let driver = try CurlDriver()
            let url = server.url
            let workers = (0..<50).map { worker in
                LoopActor.spawn { await Self.fetch(40, url, driver, worker) }
            }
            var okCount = 0
            for worker in workers { okCount += await worker.value }
            #expect(okCount == 2000)
            #expect(server.requests.count == 2000)
            #expect(driver.transferCount == 0)
            driver.close()
            try await LoopTurn.until { server.openCount == 0 }
            server.close()
        }
    }

    private static let closing =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"

    /// How many of `count` transfers were answered; every seventh closes its connection.
    @LoopActor
    private static func fetch(
        _ count: Int, _ url: String, _ driver: CurlDriver, _ worker: Int
    ) async -> Int {
        var okCount = 0
        for round in 0..<count {
            let path = (worker + round) % 7 == 0 ? "/close" : "/keep"
            do throws(CurlError) {
                okCount += try await driver.perform(.plain("GET", url + path)).body.count
            } catch {
                Issue.record("\(error)")
            }
        }
        return okCount
    }
}

extension CurlRequest {
    /// A request to a test's own server.
    static func plain(_ method: String, _ url: String) -> CurlRequest {
        var request = CurlRequest(method: method, url: url)
        request.allowsPlainHTTP = true
        request.allowsProxy = false
        return request
    }
}
