import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlBoundsTests {
    private static let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"
    private static let announced = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"

    @Test(arguments: [chunked, announced])
    func `a body of the longest length is accepted, a longer one is not`(
        answer: String
    ) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.answer(answer))
            let driver = try CurlDriver()
            var request = CurlRequest.plain("POST", server.url)
            request.responseBodyBytesMax = 10
            #expect(try await driver.perform(request).body.count == 10)
            request.responseBodyBytesMax = 9
            let error = await #expect(throws: CurlError.self) { try await driver.perform(request) }
            #expect(error?.kind == .tooLarge)
            #expect(error?.wasRequestSent == true)
            driver.close()
            server.close()
        }
    }

    @Test(arguments: [
        "X-Long: " + String(repeating: "x", count: 70_000) + "\r\n",
        String(repeating: "X-Many: x\r\n", count: 201),
    ])
    func `a head that is too long is not accepted`(fields: String) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(
                .answer("HTTP/1.1 200 OK\r\n\(fields)Content-Length: 0\r\n\r\n"))
            let driver = try CurlDriver()
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(.plain("GET", server.url))
            }
            #expect(error?.kind == .tooLarge)
            driver.close()
            server.close()
        }
    }

    @Test func `more transfers than the bound are refused at once`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.silence)
            let driver = try CurlDriver()
            let url = server.url
            let tasks = (0..<CurlLimits.transfersMax).map { _ in
                LoopActor.spawn {
                    do throws(CurlError) {
                        _ = try await driver.perform(.plain("GET", url))
                        return CurlError.Kind.other
                    } catch {
                        return error.kind
                    }
                }
            }
            try await LoopTurn.until { driver.transferCount == CurlLimits.transfersMax }
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(.plain("GET", url))
            }
            #expect(error?.kind == .aborted)
            #expect(error?.wasRequestSent == false)
            driver.close()
            for task in tasks { #expect(await task.value == .aborted) }
            server.close()
        }
    }
}
