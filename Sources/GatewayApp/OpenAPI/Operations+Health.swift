import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/healthz` and `/readyz`.
    static var healthOperations: [Operation] {
        let readiness = Schema.object([
            "status": Schema.word(["ready", "not_ready"]),
            "checks": Schema.object(
                ["store": Schema.text, "shutdown": Schema.text], optional: ["tls": Schema.text]),
        ])
        return [
            Operation(
                .get, "/healthz", id: "getHealth", tag: "operation", "Whether the process lives"
            )
            .opened(by: nil)
            .answers(
                .ok, "It does", Schema.object(["status": Schema.constant("ok")]),
                example: ["status": "ok"]
            )
            .refusesAnybody(),
            Operation(
                .get, "/readyz", id: "getReadiness", tag: "operation",
                "Whether the gateway can do its work"
            )
            .opened(by: nil)
            .answers(
                .ok, "It can", readiness,
                example: ["status": "ready", "checks": ["store": "ok", "shutdown": "ok"]]
            )
            .answers(
                .serviceUnavailable, "What is not ready", readiness,
                example: [
                    "status": "not_ready",
                    "checks": ["store": "ok", "shutdown": "the gateway is stopping"],
                ]
            )
            .refusesAnybody(),
        ]
    }

    /// `/openapi.json`.
    static var documentOperation: Operation {
        Operation(
            .get, "/openapi.json", id: "getDescription", tag: "operation", "This document"
        )
        .opened(by: nil)
        .answers(
            .ok, "The document",
            ["type": "object", "required": ["openapi", "info", "paths", "components"]],
            example: ["openapi": "3.1.1", "info": [:], "paths": [:], "components": [:]]
        )
        .refusesAnybody()
    }

    /// `/metrics`.
    static func metricsOperation(isOpen: Bool) -> Operation {
        let operation = Operation(
            .get, "/metrics", id: "getMetrics", tag: "operation", "Figures for Prometheus"
        )
        .answersText(
            "The figures", "text/plain", example: "bigpanda_gateway_store_up 1\n")
        return isOpen
            ? operation.opened(by: nil).refusesAnybody()
            : operation.opened(to: .viewer).refusesAnybody()
                .refuses(.unauthorized, ["unauthorized"], headers: Operation.challenge)
                .refuses(
                    .tooManyRequests, ["too_many_attempts"], headers: Operation.retryAfter)
    }
}

extension Operation {
    /// Refuses what is no proper request, or has a body that is not looked for.
    fileprivate func refusesAnybody() -> Operation {
        refuses(.badRequest, [], also: "RequestFault")
            .refuses(.contentTooLarge, ["content_too_large"])
    }
}
