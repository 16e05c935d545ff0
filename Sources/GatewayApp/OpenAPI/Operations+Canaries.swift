import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/integrations/{id}/canary`.
    static var canaryOperations: [Operation] {
        let one = "/v1/integrations/{id}/canary"
        return [
            canary(.get, one, id: "getCanary", "Its canary, and what came of the last one")
                .answersCanary().refusesAsAdmin().refuses(.notFound, ["not_found"]),
            canary(.put, one, id: "setCanary", "Switch its canary on, or set its interval")
                .body(
                    Schema.wish([
                        "interval_seconds": [
                            "type": "integer",
                            "minimum": .integer(Canary.intervalSeconds.lowerBound),
                            "maximum": .integer(Canary.intervalSeconds.upperBound),
                            "default": .integer(Canary.intervalSecondsDefault),
                        ]
                    ]),
                    isRequired: false, example: ["interval_seconds": 3600]
                )
                .answersCanary().refusesAsAdmin(Operation.badBody).refusesBody()
                .refuses(.notFound, ["not_found"]).refuses(.conflict, ["conflict"]),
            canary(.delete, one, id: "removeCanary", "Switch its canary off")
                .answersNothing("It is off").refusesAsAdmin().refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["conflict"]),
        ]
    }

    private static func canary(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "integrations", summary)
    }
}

extension Operation {
    fileprivate func answersCanary() -> Operation {
        answers(.ok, "The canary", Schema.named("Canary"), example: Examples.canary)
    }
}

extension Schema {
    /// A canary as `CanaryRoutes` writes it.
    static var canaries: [JSONTree.Member] {
        [
            JSONTree.Member(
                "Canary",
                object([
                    "enabled": bool,
                    "interval_seconds": ["type": ["integer", "null"]],
                    "state": ["enum": .array(Canary.Verdict.names.map { .string($0) } + [.null])],
                    "last_passed_at": optionalMoment,
                    "last_run": optional("CanaryRun"),
                ])),
            JSONTree.Member(
                "CanaryRun",
                object([
                    "started_at": moment,
                    "ended_at": moment,
                    "alert_id": optionalText,
                    "failed_hop": ["enum": .array(hops + [.null])],
                    "reason": optionalText,
                    "hops": list(
                        of: object(["hop": ["enum": .array(hops)], "seconds": ["type": "number"]])),
                ])),
        ]
    }

    private static var hops: [JSONTree] {
        CanaryRun.Hop.allCases.map { .string($0.rawValue) }
    }
}

extension Examples {
    /// A canary that went all the way.
    static var canary: JSONTree {
        let moment: JSONTree = "2026-03-01T12:00:00.000Z"
        return [
            "enabled": true, "interval_seconds": 3600, "state": "passed", "last_passed_at": moment,
            "last_run": [
                "started_at": moment, "ended_at": moment,
                "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t", "failed_hop": .null, "reason": .null,
                "hops": [["hop": "webhook", "seconds": 0.012]],
            ],
        ]
    }
}
