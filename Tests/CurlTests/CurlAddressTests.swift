import Curl
import EventLoop
import GatewayTesting
import Synchronization
import Testing

@Suite struct CurlAddressTests {
    @Test func `an address is connected to when it is admitted, and asked for once`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok("hello"))
            let driver = try CurlDriver()
            let asked = Mutex<[[UInt8]]>([])
            var request = CurlRequest.plain("POST", server.url)
            request.admits = { address in
                asked.withLock { $0.append(address) }
                return true
            }
            #expect(try await driver.perform(request).body == Array("hello".utf8))
            #expect(asked.withLock { $0 } == [[127, 0, 0, 1]])
            driver.close()
            server.close()
        }
    }

    @Test func `an address that is not admitted hears nothing`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            let driver = try CurlDriver()
            var request = CurlRequest.plain("POST", server.url)
            request.admits = { $0 != [127, 0, 0, 1] }
            let error = await #expect(throws: CurlError.self) { try await driver.perform(request) }
            #expect(error?.kind == .addressRefused)
            #expect(error?.wasRequestSent == false)
            #expect(server.requests.isEmpty)
            driver.close()
            server.close()
        }
    }

    /// Other spellings of the same address must not get past.
    @Test(arguments: ["127.1", "2130706433", "0x7f000001", "localhost"])
    func `a name counts by the address that it leads to`(host: String) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            let driver = try CurlDriver()
            let url = "http://\(host):\(server.url.split(separator: ":").last ?? "")"
            var request = CurlRequest.plain("POST", url)
            let loopback6 = [UInt8](repeating: 0, count: 15) + [1]
            request.admits = { $0 != [127, 0, 0, 1] && $0 != loopback6 }
            let error = await #expect(throws: CurlError.self) { try await driver.perform(request) }
            #expect(error?.kind == .addressRefused)
            #expect(server.requests.isEmpty)
            driver.close()
            server.close()
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
    ])
    func `an answer's body is cut off where it may be`(answer: String) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.answer(answer))
            let driver = try CurlDriver()
            var request = CurlRequest.plain("POST", server.url)
            request.responseBodyBytesMax = 9
            request.cutsResponseBody = true
            let response = try await driver.perform(request)
            #expect(response.statusCode == 200)
            #expect(response.body.count <= 9)
            driver.close()
            server.close()
        }
    }
}
