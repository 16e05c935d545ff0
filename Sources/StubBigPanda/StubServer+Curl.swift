import Curl
import EventLoop

extension StubServer {
    /// Makes a stub that posts its webhooks over the network.
    ///
    /// - Throws: `StartError.badCallback`, or `StartError.noClient` when libcurl can't be started.
    package convenience init(
        _ configuration: Configuration = Configuration()
    ) throws(StartError) {
        let poster: WebhookPoster
        do throws(CurlError) {
            poster = try WebhookPoster()
        } catch {
            throw .noClient(error.message)
        }
        try self.init(configuration, endPosting: { poster.close() }) { target, body in
            await poster.post(target, body)
        }
    }
}
