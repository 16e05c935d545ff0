import EventLoop

extension HTTPRoutes {
    /// Answers a request without a connection, for tests of handlers and for what the process asks
    /// of itself.
    ///
    /// Goes the way of a request that came in: head hook, limit of the body, handler.
    @LoopActor
    package func answer(to request: HTTPRequest) async -> HTTPResponse {
        let sink = DetachedSink()
        switch match(request.head.storage) {
        case .found(let route, let parameters):
            var bytesMax = route.bodyBytesMax
            switch route.onHead?(request.head, parameters) {
            case .refuse(let response): return response
            case .proceed(let bodyBytesMax): bytesMax = bodyBytesMax
            case nil: break
            }
            guard request.body.count <= bytesMax else {
                route.onUnserved?(request.head, parameters, .tooLarge)
                return .tooLarge
            }
            return await sink.response { route.handler(request, parameters, $0) }
        case .notFound: return .notFound
        case .undecodable: return HeadFault.target.response
        case .options(let allow): return .noContent.with("Allow", allow)
        case .methodNotAllowed(let allow, let route, let parameters):
            route?.onUnserved?(request.head, parameters, .methodNotAllowed)
            return .methodNotAllowed(allow)
        }
    }
}

/// Keeps one answer until it is asked for.
@LoopActor
private final class DetachedSink: ResponseSink {
    private var response: HTTPResponse?
    private var continuation: CheckedContinuation<HTTPResponse, Never>?

    init() {}

    func response(_ handle: (HTTPResponder) -> Void) async -> HTTPResponse {
        handle(HTTPResponder(self, exchange: 0))
        if let response { return response }
        return await withCheckedContinuation { continuation = $0 }
    }

    func respond(_ response: HTTPResponse, toExchange _: UInt64) {
        self.response = response
        continuation?.resume(returning: response)
        continuation = nil
    }

    /// The head is the answer; there is nobody whom the content could be sent to.
    func stream(_ head: HTTPResponse, toExchange exchange: UInt64) -> HTTPBodyStream? {
        respond(head, toExchange: exchange)
        return nil
    }

    func isWaiting(forExchange _: UInt64) -> Bool { response == nil }
}
