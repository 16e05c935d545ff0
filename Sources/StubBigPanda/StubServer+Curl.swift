import Curl
import EventLoop

extension StubServer {
    /// Makes a stub that posts its webhooks over the network.
    ///
    /// - Throws: `StartError.badCallback`, or `StartError.noClient` when libcurl can't be started.
    package convenience init(_ configuration: Configuration) throws(StartError) {
        let driver: CurlDriver
        do throws(CurlError) {
            driver = try CurlDriver()
        } catch {
            throw .noClient(error.message)
        }
        try self.init(configuration) { target, body in
            var request = CurlRequest(method: "POST", url: target.url)
            request.headers = [
                ("Content-Type", "application/json"), ("Authorization", "Bearer \(target.secret)"),
            ]
            request.body = body
            request.allowsPlainHTTP = true
            do throws(CurlError) {
                return try await driver.perform(request).statusCode
            } catch {
                return 0
            }
        }
    }
}
