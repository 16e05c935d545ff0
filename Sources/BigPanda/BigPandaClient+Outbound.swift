package import Alerts
import EventLoop

extension BigPandaClient {
    /// Makes a call about Webhook v2 integrations.
    ///
    /// - Returns: The body of the answer, which is JSON or empty; `CallFailure.unknown` when a
    ///   change may have been made.
    @LoopActor package func outbound(_ call: OutboundCall) async -> Result<[UInt8], CallFailure> {
        let (method, path, body): (String, String, [UInt8]?) =
            switch call {
            case .list: ("GET", CallPath.integrations, nil)
            case .show(let id): ("GET", CallPath.integration(id), nil)
            case .create(let body): ("POST", CallPath.integrations, body)
            case .change(let id, let body): ("PATCH", CallPath.integration(id), body)
            }
        switch await send(method, path, body: body) {
        case .failure(let failure): return .failure(failure)
        case .success(let reply):
            guard reply.isSuccess else { return .failure(CallFailure(reply, now: now())) }
            guard reply.body.isEmpty || ReplyReader.isJSON(reply.body) else {
                let reason = "it answered \(reply.statusCode) with something other than JSON"
                return .failure(.notBigPanda(reason: reason))
            }
            return .success(reply.body)
        }
    }
}
