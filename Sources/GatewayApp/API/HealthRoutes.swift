import EventLoop
import HTTPServer
import JSON

/// `/healthz` tells that the process lives, `/readyz` that it can do its work.
@LoopActor
final class HealthRoutes {
    private let workers: Workers

    /// Makes the routes.
    init(workers: Workers) {
        self.workers = workers
    }

    /// Adds the routes.
    func add(to routes: inout HTTPRoutes) {
        routes.addSync(.get, "/healthz") { _, _ in
            .json { json in json.object { $0.member("status", "ok") } }
        }
        routes.addSync(.get, "/readyz") { [self] _, _ in readiness }
    }

    private var readiness: HTTPResponse {
        let store = workers.health.problem.map { "\($0)" }
        let isReady = store == nil && !workers.isDraining
        return .json(isReady ? .ok : .serviceUnavailable) { json in
            json.object { json in
                json.member("status", isReady ? "ready" : "not_ready")
                json.name("checks")
                json.object { json in
                    json.member("store", store ?? "ok")
                    if let certificate = workers.certificate {
                        // Told, but no reason to send webhooks elsewhere.
                        json.member("tls", certificate.problem.map { "warning: \($0)" } ?? "ok")
                    }
                    json.member("shutdown", workers.isDraining ? "the gateway is stopping" : "ok")
                }
            }
        }
    }
}
