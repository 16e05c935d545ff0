import Alerts
package import EventLoop
package import HTTPServer
import JSON

/// `/healthz` tells that the process lives, `/readyz` that it can do its work.
@LoopActor
package final class HealthRoutes {
    private let health: StoreHealth
    /// Whether the process was asked to stop.
    package var isDraining = false

    /// Makes the routes.
    package init(health: StoreHealth) {
        self.health = health
    }

    /// Adds the routes.
    package func add(to routes: inout HTTPRoutes) {
        routes.addSync(.get, "/healthz") { _, _ in
            .json { json in json.object { $0.member("status", "ok") } }
        }
        routes.addSync(.get, "/readyz") { [self] _, _ in readiness }
    }

    private var readiness: HTTPResponse {
        let store = health.problem.map { "\($0)" }
        let isReady = store == nil && !isDraining
        return .json(isReady ? .ok : .serviceUnavailable) { json in
            json.object { json in
                json.member("status", isReady ? "ready" : "not_ready")
                json.name("checks")
                json.object { json in
                    json.member("store", store ?? "ok")
                    json.member("shutdown", isDraining ? "the gateway is stopping" : "ok")
                }
            }
        }
    }
}
