import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlHTTPSTests {
    @Test func `a server whose certificate is trusted is answered to`() async throws {
        let server = try OpenSSLServer()
        try await LoopFixture.run {
            let driver = try CurlDriver()
            var request = CurlRequest(method: "GET", url: server.url)
            request.caFile = server.certificatePath
            let response = try await driver.perform(request)
            #expect(response.statusCode == 200)
            #expect(String(decoding: response.body, as: UTF8.self).contains("TLSv1.3"))
            driver.close()
        }
    }

    @Test func `a server that nobody vouches for gets no byte of the request`() async throws {
        let server = try OpenSSLServer()
        try await LoopFixture.run {
            let driver = try CurlDriver()
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(CurlRequest(method: "POST", url: server.url))
            }
            #expect(error?.kind == .tls)
            #expect(error?.wasRequestSent == false)
            driver.close()
        }
    }

    @Test func `a certificate for another name is refused`() async throws {
        let server = try OpenSSLServer()
        try await LoopFixture.run {
            let driver = try CurlDriver()
            let port = server.url.split(separator: ":").last ?? ""
            var request = CurlRequest(method: "GET", url: "https://localhost:\(port)")
            request.caFile = server.certificatePath
            let error = await #expect(throws: CurlError.self) { try await driver.perform(request) }
            #expect(error?.kind == .tls)
            driver.close()
        }
    }
}
