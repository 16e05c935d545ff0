import Curl
import EventLoop
import GatewayTesting
import Glibc
import Testing

/// Each in a process of its own, for the environment is the whole process's.
@Suite struct CurlProxyTests {
    @Test func `a proxy of the environment is used, unless the request forbids it`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try await LoopFixture.run {
                let proxy = try ScriptedServer(.ok("proxy"))
                let origin = try ScriptedServer(.ok("origin"))
                _ = unsafe setenv("http_proxy", proxy.url, 1)
                let driver = try CurlDriver()
                var request = CurlRequest.plain("GET", origin.url + "/path")
                let direct = try await driver.perform(request)
                precondition(direct.body == Array("origin".utf8))
                request.allowsProxy = true
                let proxied = try await driver.perform(request)
                precondition(proxied.body == Array("proxy".utf8))
                precondition(proxy.requests.first?.line == "GET \(origin.url)/path HTTP/1.1")
                driver.close()
                proxy.close()
                origin.close()
            }
            exit(7)
        }
    }

    @Test func `a proxy that refuses is certain to have passed nothing on`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try await LoopFixture.run {
                let proxy = try ScriptedServer(
                    .answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
                _ = unsafe setenv("https_proxy", proxy.url, 1)
                let driver = try CurlDriver()
                let request = CurlRequest(method: "POST", url: "https://gateway.invalid/")
                do throws(CurlError) {
                    _ = try await driver.perform(request)
                    exit(1)
                } catch {
                    precondition(error.kind == .proxy && !error.wasRequestSent, error.message)
                }
                precondition(proxy.requests.first?.line == "CONNECT gateway.invalid:443 HTTP/1.1")
                driver.close()
                proxy.close()
            }
            exit(7)
        }
    }
}
