import HTTPServer
package import JSON

/// The OpenAPI document of all that is served.
///
/// Source: OpenAPI Specification 3.1.1.
package enum OpenAPIDocument {
    /// The whole document; `/metrics` is said to need no token when `isMetricsOpen`.
    package static func tree(isMetricsOpen: Bool) -> JSONTree {
        [
            "openapi": "3.1.1",
            "info": info,
            "servers": [["url": "/", "description": "The listener that gave this document"]],
            "security": [["adminToken": []], ["session": []]],
            "tags": tags,
            "paths": paths(isMetricsOpen: isMetricsOpen),
            "components": [
                "securitySchemes": securitySchemes,
                "schemas": .object(schemas),
            ],
        ]
    }

    private static var info: JSONTree {
        [
            "title": "bigpanda-gateway",
            "version": .string(Version.current),
            "summary": "Takes in BigPanda's webhooks and closes its incidents.",
            "description": .string(description),
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ]
    }

    private static var description: String {
        """
        Errors are problem documents (RFC 9457) whose `code` does not change. A path that is \
        served answers other methods with 405 and `Allow`, `HEAD` like `GET`, and `OPTIONS` with \
        204. Any request may get \(generalRefusals). Answers to proper requests carry \
        `X-Request-Id`, which the log repeats. Members may be added to answers. The role that an \
        operation needs stands in its `security`; a higher one will do.
        """
    }

    /// What has nothing to do with an operation: the status of each answer and its codes.
    private static var generalRefusals: String {
        let heads = HeadFault.allCases.filter { $0.status != .badRequest }
        let codes: [(status: HTTPStatus, code: String)] =
            [
                (.badRequest, "one of `RequestFault`"), (.methodNotAllowed, "`method_not_allowed`"),
                (.requestTimeout, "`request_timeout`"),
                (.expectationFailed, "`unknown_expectation`"),
            ] + heads.map { ($0.status, "`\($0.code)`") }
        return codes.sorted { $0.status.code < $1.status.code }
            .map { "\($0.status.code) \($0.code)" }.joined(separator: ", ")
    }

    private static var tags: JSONTree {
        [
            ["name": "webhooks", "description": "What BigPanda sends."],
            ["name": "alerts", "description": "One alert for each BigPanda incident."],
            ["name": "closes", "description": "What resolves incidents in BigPanda."],
            ["name": "deliveries", "description": "Webhooks as they came in."],
            ["name": "sources", "description": "Webhook endpoints and their secrets."],
            ["name": "integrations", "description": "Connections to BigPanda organisations."],
            ["name": "webhook-endpoints", "description": "Whom the gateway tells of alerts."],
            ["name": "tokens", "description": "Who may do what, and who did what."],
            ["name": "sessions", "description": "Browsers that are signed in."],
            ["name": "stream", "description": "What changes, as it changes."],
            ["name": "operation", "description": "Health, metrics and this document."],
        ]
    }

    private static var securitySchemes: JSONTree {
        [
            "adminToken": [
                "type": "http", "scheme": "bearer",
                "description": """
                The admin token (`GATEWAY_ADMIN_TOKEN`, or the one in `admin-token`), or a named \
                one: a `viewer` may read, an `operator` also resolve, retry, cancel, replay and \
                check, an `admin` everything.
                """,
            ],
            "session": [
                "type": "apiKey", "in": "cookie", "name": "gateway_session",
                "description": """
                What `POST /v1/session` gives a browser, `__Host-gateway_session` over TLS. Writes \
                then need `X-CSRF-Token`.
                """,
            ],
            "webhookSecret": [
                "type": "http", "scheme": "bearer",
                "description": "The secret of the source that the path names.",
            ],
        ]
    }

    /// Paths in the order in which somebody meets them, each with its operations by method.
    static func paths(isMetricsOpen: Bool) -> JSONTree {
        let operations =
            webhookOperations + healthOperations + integrationOperations + canaryOperations
            + sourceOperations + [installOperation]
            + alertOperations + [exportOperation] + closeOperations + deliveryOperations
            + endpointOperations
            + sessionOperations + tokenOperations + insightOperations
            + [streamOperation, documentOperation, metricsOperation(isOpen: isMetricsOpen)]
        var paths: [(path: String, members: [JSONTree.Member])] = []
        for operation in operations {
            let member = JSONTree.Member(operation.method, operation.tree)
            if let known = paths.firstIndex(where: { $0.path == operation.path }) {
                paths[known].members.append(member)
            } else {
                paths.append((operation.path, [member]))
            }
        }
        return .object(paths.map { JSONTree.Member($0.path, .object($0.members)) })
    }

    private static var schemas: [JSONTree.Member] {
        Schema.problems + Schema.alerts + Schema.deliveries + Schema.endpoints + Schema.directory
            + Schema.webhooks + Schema.insights + Schema.access + Schema.canaries
    }
}
