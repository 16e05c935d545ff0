import Alerts
import BigPanda
import HTTPServer
import JSON

/// What a request wants an integration to be; members that it leaves out stay as they are.
struct IntegrationWish {
    let key: APIKey?
    let endpoint: Integration.Endpoint?
    let environment: RequestFields.Presence<String>
    let keyExpiresAt: RequestFields.Presence<Timestamp>

    /// The members that a request may have.
    static let names = [
        "name", "api_key", "region", "base_url", "environment_id", "key_expires_at",
    ]

    init(_ fields: RequestFields) throws(APIProblem) {
        key = try Self.key(in: fields)
        endpoint = try Self.endpoint(in: fields)
        environment = try fields.text("environment_id", charactersMax: 64)
        keyExpiresAt = try fields.moment("key_expires_at")
    }

    /// The environment asked for, or the only one there is; `nil` when it has to be looked up.
    func environmentID(among known: [Integration.Environment]) throws(APIProblem) -> String? {
        guard case .value(let wanted) = environment, !wanted.isEmpty else {
            return known.count == 1 ? known.first?.id : nil
        }
        guard known.contains(where: { $0.id == wanted }) else {
            let names = known.prefix(20).map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
            throw APIProblem(
                .unprocessableContent, "unknown_environment",
                "environment_id: the key does not see this environment. It sees: "
                    + (names.isEmpty ? "none" : names) + ".")
        }
        return wanted
    }

    private static func key(in fields: RequestFields) throws(APIProblem) -> APIKey? {
        guard case .value(let text) = try fields.text("api_key", charactersMax: Limits.keyBytesMax)
        else { return nil }
        let trimmed = text.trimmingBlanks
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalid("api_key", "must be visible ASCII characters without blanks.")
        }
        return APIKey(trimmed)
    }

    private static func endpoint(
        in fields: RequestFields
    ) throws(APIProblem) -> Integration.Endpoint? {
        let region = try fields.text("region", charactersMax: 16).optional
        let baseURL = try fields.text("base_url", charactersMax: 2048).optional
        switch (region, baseURL) {
        case (nil, nil): return nil
        case (.some, .some):
            throw .invalid("base_url", "give either region or base_url, not both.")
        case (let region?, nil):
            guard let url = BigPandaRegion(rawValue: region.lowercased()) else {
                throw .invalid("region", "must be us or eu.")
            }
            return Integration.Endpoint(region: url.rawValue, baseURL: url.baseURL)
        case (nil, let text?):
            do throws(BaseURLError) {
                let url = try BaseURL(text.trimmingBlanks)
                return Integration.Endpoint(region: nil, baseURL: url.text)
            } catch {
                throw .invalid("base_url", error.description)
            }
        }
    }
}

/// What a request changes, once BigPanda was asked what it had to be asked.
struct IntegrationChange: Sendable {
    let name: String?
    let wish: IntegrationWish
    /// What the key sees, if it was checked.
    let environments: [Integration.Environment]?
    let environmentID: String?
    let now: Timestamp

    func apply(to integration: inout Integration) {
        integration.name = name ?? integration.name
        integration.endpoint = wish.endpoint ?? integration.endpoint
        integration.keySuffix = wish.key?.suffix ?? integration.keySuffix
        if let environments {
            integration.environments = environments
            integration.state = .connected
            integration.stateReason = nil
            integration.checkedAt = now
        }
        switch wish.environment {
        case .missing: break
        case .null: integration.environmentID = nil
        case .value: integration.environmentID = environmentID
        }
        switch wish.keyExpiresAt {
        case .missing: break
        case .null: integration.keyExpiresAt = nil
        case .value(let moment): integration.keyExpiresAt = moment
        }
        integration.updatedAt = now
    }
}

extension RequestFields.Presence {
    /// The value, if there is one.
    var optional: Value? {
        switch self {
        case .missing, .null: nil
        case .value(let value): value
        }
    }
}
