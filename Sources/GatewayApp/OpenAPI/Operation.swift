import Alerts
import HTTPServer
import JSON

/// One operation of the document: a method of a path, what it takes and what it answers.
struct Operation {
    let method: String
    let path: String
    private var members: [JSONTree.Member]
    private var parameters: [JSONTree] = []
    private var responses: [(status: Int, tree: JSONTree)] = []

    /// Describes an operation of the admin API, with the answers that all of those share.
    init(
        _ method: HTTPMethod, _ path: String, id: String, tag: String, _ summary: String
    ) {
        self.method = method.name.lowercased()
        self.path = path
        members = [
            JSONTree.Member("operationId", .string(id)),
            JSONTree.Member("tags", [.string(tag)]),
            JSONTree.Member("summary", .string(summary)),
        ]
        for name in Self.parameterNames(in: path) {
            parameters.append([
                "name": .string(name), "in": "path", "required": true,
                "schema": ["type": "string", "minLength": 1],
            ])
        }
    }

    /// The operation as OpenAPI writes it.
    var tree: JSONTree {
        var tree = members
        if !parameters.isEmpty { tree.append(JSONTree.Member("parameters", .array(parameters))) }
        let sorted = responses.sorted { $0.status < $1.status }
        tree.append(
            JSONTree.Member(
                "responses", .object(sorted.map { JSONTree.Member("\($0.status)", $0.tree) })))
        return .object(tree)
    }

    // MARK: What it takes

    /// Needs another scheme than the admin token, or none at all.
    func opened(by scheme: String?) -> Operation {
        var copy = self
        let schemes: JSONTree = scheme.map { [.object([JSONTree.Member($0, [])])] } ?? []
        copy.members.append(JSONTree.Member("security", schemes))
        return copy
    }

    /// Needs the admin token, a named one or a session, with `role` or a higher one.
    ///
    /// Source: OpenAPI 3.1.1, Security Requirement Object: schemes without scopes list roles.
    func opened(to role: Role) -> Operation {
        var copy = self
        let roles: JSONTree = [.string(role.rawValue)]
        copy.members.append(
            JSONTree.Member("security", [["adminToken": roles], ["session": roles]]))
        return copy
    }

    /// Takes one more parameter of the query.
    func query(_ name: String, _ schema: JSONTree, _ description: String) -> Operation {
        parameter(name, in: "query", schema, description)
    }

    /// Takes one more field of the header.
    func header(_ name: String, _ schema: JSONTree, _ description: String) -> Operation {
        parameter(name, in: "header", schema, description)
    }

    private func parameter(
        _ name: String, in place: String, _ schema: JSONTree, _ description: String
    ) -> Operation {
        var copy = self
        copy.parameters.append([
            "name": .string(name), "in": .string(place), "description": .string(description),
            "schema": schema,
        ])
        return copy
    }

    /// Takes the parameters of every list.
    func paged() -> Operation {
        query(
            "limit", ["type": "integer", "minimum": 1, "maximum": 500, "default": 50],
            "Items of a page at most."
        ).query(
            "cursor", ["type": "string", "format": "cursor", "examples": ["djE6MA"]],
            "The `next_cursor` of the page before.")
    }

    /// Takes a JSON body.
    func body(_ schema: JSONTree, isRequired: Bool, example: JSONTree) -> Operation {
        var copy = self
        copy.members.append(
            JSONTree.Member(
                "requestBody",
                [
                    "required": .bool(isRequired),
                    "content": ["application/json": ["schema": schema, "example": example]],
                ]))
        return copy
    }

    // MARK: What it answers

    /// Answers with JSON.
    func answers(
        _ status: HTTPStatus, _ description: String, _ schema: JSONTree, example: JSONTree,
        headers: JSONTree? = nil
    ) -> Operation {
        adding(
            status,
            [
                "description": .string(description),
                "content": ["application/json": ["schema": schema, "example": example]],
            ], headers: headers)
    }

    /// Answers with nothing but a status.
    func answersNothing(_ description: String) -> Operation {
        adding(.noContent, ["description": .string(description)])
    }

    /// Answers with text.
    func answersText(_ description: String, _ type: String, example: String) -> Operation {
        adding(
            .ok,
            [
                "description": .string(description),
                "content": .object([
                    JSONTree.Member(type, ["schema": Schema.text, "example": .string(example)])
                ]),
            ])
    }

    /// Refuses with one of some codes; `also` names a schema with more of them.
    func refuses(
        _ status: HTTPStatus, _ codes: [String], also: String? = nil, headers: JSONTree? = nil
    ) -> Operation {
        var code = codes.isEmpty ? nil : Schema.word(codes)
        if let also {
            code = code.map { ["anyOf": [$0, Schema.named(also)]] } ?? Schema.named(also)
        }
        let schema: JSONTree = [
            "allOf": [
                Schema.named("Problem"),
                [
                    "properties": [
                        "status": Schema.constant(.integer(Int64(status.code))),
                        "code": code ?? Schema.text,
                    ]
                ],
            ]
        ]
        let example: JSONTree = [
            "type": "about:blank", "title": .string(status.reason),
            "status": .integer(Int64(status.code)), "code": .string(codes.first ?? "bad_target"),
        ]
        return adding(
            status,
            [
                "description": .string(status.reason),
                "content": ["application/problem+json": ["schema": schema, "example": example]],
            ], headers: headers)
    }

    /// Refuses as every operation of the admin API does; `invalid` are its own codes of 400.
    ///
    /// Somebody must have `role` to do it; everybody may read.
    func refusesAsAdmin(
        _ invalid: [String] = [], unavailable: [String] = ["store_unavailable"],
        needs role: Role = .admin
    ) -> Operation {
        let missing = role == .viewer ? [] : [role.refusalCode]
        let operation =
            method == "get"
            ? opened(to: .viewer)
            : opened(to: role)
                .refuses(.forbidden, missing + ["csrf_token_wrong", "cross_site"])
        return operation.refuses(.badRequest, invalid, also: "RequestFault")
            .refuses(.unauthorized, ["unauthorized"], headers: Self.challenge)
            .refuses(.contentTooLarge, ["content_too_large"])
            .refuses(.tooManyRequests, ["too_many_attempts"], headers: Self.retryAfter)
            .refuses(
                .serviceUnavailable, unavailable + ["unavailable"], headers: Self.retryAfter)
    }

    /// Refuses a body that is not what it should be.
    func refusesBody(_ unprocessable: [String] = []) -> Operation {
        refuses(.unsupportedMediaType, ["unsupported_media_type"])
            .refuses(.unprocessableContent, ["invalid_field"] + unprocessable)
    }

    /// How somebody without the token, or the secret, is told what to send.
    static let challenge: JSONTree = [
        "WWW-Authenticate": ["required": true, "schema": Schema.text]
    ]
    /// When to try again, in seconds, where that can be said.
    static let retryAfter: JSONTree = [
        "Retry-After": ["schema": ["type": "integer", "minimum": 1]]
    ]
    /// Where what was made is found.
    static let location: JSONTree = ["Location": ["required": true, "schema": Schema.text]]

    /// The codes of 400 of a body that can't be read.
    static let badBody = ["not_json", "not_an_object"]
    /// The codes of 400 of a list.
    static let badPage = ["invalid_limit", "invalid_cursor"]

    private func adding(
        _ status: HTTPStatus, _ tree: JSONTree, headers: JSONTree? = nil
    ) -> Operation {
        var copy = self
        var tree = tree.object ?? []
        if let headers { tree.append(JSONTree.Member("headers", headers)) }
        copy.responses.append((status.code, .object(tree)))
        return copy
    }

    private static func parameterNames(in path: String) -> [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
            .map { String($0.dropFirst().dropLast()) }
    }
}
