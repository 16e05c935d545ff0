import EventLoop
import HTTPServer
import JSON

/// `GET /openapi.json`: what is served, for programs that write clients and tests.
@LoopActor
struct OpenAPIRoute {
    private let isMetricsOpen: Bool

    init(isMetricsOpen: Bool) {
        self.isMetricsOpen = isMetricsOpen
    }

    /// Adds the route, which needs no token.
    func add(to routes: inout HTTPRoutes) {
        routes.addSync(.get, "/openapi.json") { [isMetricsOpen] _, _ in
            // Put together for each who asks: nobody does while the gateway works.
            .json { $0.value(OpenAPIDocument.tree(isMetricsOpen: isMetricsOpen)) }
        }
    }
}
