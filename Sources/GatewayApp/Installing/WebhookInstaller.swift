import Alerts
import EventLoop
import HTTPServer
import JSON

/// Asks BigPanda what it posts to a source, and has that put right.
@LoopActor
struct WebhookInstaller {
    private let connections: Connections

    init(connections: Connections) {
        self.connections = connections
    }

    /// Integrations that are asked for one by one, if the list does not tell what they post.
    private static let lookedAtMax = 20

    /// What there is.
    func found(for id: IntegrationID) async throws(APIProblem) -> [WebhookPlan.Found] {
        let tree = try await asked(.list, for: id)
        // A bare array by the vendor's document; lists of theirs come in an object, too.
        guard let items = tree.array ?? tree["items"]?.array else {
            throw Self.problem(
                .unprocessableContent, "not_bigpanda",
                "BigPanda's list of integrations is none that this program knows to read.")
        }
        var found: [WebhookPlan.Found] = []
        var lookedAt = 0
        for item in items {
            guard let listed = WebhookPlan.Found(item) else { continue }
            guard item["workflow_config"] == nil, lookedAt < Self.lookedAtMax,
                listed.id.hasPrefix("webhook_v2.")
            else {
                found.append(listed)
                continue
            }
            lookedAt += 1
            let shown = try await asked(.show(id: listed.id), for: id)
            found.append(WebhookPlan.Found(shown) ?? listed)
        }
        return found
    }

    /// What is to be done for a source.
    func plan(
        for source: Source, of integration: Integration, callbackURL: String, triggerKey: String?
    ) async throws(APIProblem) -> WebhookPlan {
        let found = try await found(for: integration.id)
        guard let key = triggerKey ?? WebhookPlan.triggerKey(in: found) else {
            throw Self.problem(
                .conflict, "unknown_trigger_key",
                "Which member of an event names its trigger stands in no public document of "
                    + "BigPanda's, and no Webhook v2 integration of this organisation shows it. "
                    + "Ask BigPanda, and give it as trigger_key; nothing was changed.")
        }
        let wish = WebhookWish(
            name: "gateway-\(source.id.text.suffix(8))", callbackURL: callbackURL,
            environmentID: integration.environmentID, triggerKey: key)
        return WebhookPlan(wish, among: found)
    }

    /// Has it done.
    func apply(
        _ plan: WebhookPlan, secret: String, for id: IntegrationID
    ) async -> Result<[UInt8], CallFailure> {
        let authorization = "Bearer \(secret)"
        let call: OutboundCall
        switch plan.step {
        case .nothing: return .success([])
        case .create:
            let tree = plan.wish.creation(authorization: authorization)
            call = .create(tree.compact)
        case .change(let found):
            let tree = plan.wish.change(authorization: authorization)
            call = .change(id: found, tree.compact)
        }
        return await connections.call(id, .person) { await $0.outbound(call) }
    }

    private func asked(
        _ call: OutboundCall, for id: IntegrationID
    ) async throws(APIProblem) -> JSONTree {
        switch await connections.call(id, .person, { await $0.outbound(call) }) {
        case .failure(let failure): throw Self.problem(failure)
        case .success(let body):
            do throws(JSONError) {
                return try JSONTree(parsing: body)
            } catch {
                throw Self.problem(.notBigPanda(reason: "it answered with nothing"))
            }
        }
    }

    /// What a failure means for who asked.
    static func problem(_ failure: CallFailure) -> APIProblem {
        switch failure {
        case .keyRejected:
            problem(.unprocessableContent, "key_rejected", "BigPanda rejected the API key (401).")
        case .keyForbidden:
            problem(
                .unprocessableContent, "key_forbidden",
                "The API key may not look after integrations (403): it needs the permissions "
                    + "Integrations and Notifications. Closes don't need them.")
        case .notFound:
            problem(
                .unprocessableContent, "not_bigpanda",
                "BigPanda has no such integration, or no Webhook v2 (404).")
        case .rateLimited:
            problem(.serviceUnavailable, "bigpanda_unreachable", "BigPanda asked to slow down.")
        case .delayed(let reason, _), .unknown(let reason):
            problem(.serviceUnavailable, "bigpanda_unreachable", reason)
        case .notBigPanda(let reason):
            problem(.unprocessableContent, "not_bigpanda", reason)
        case .refused(let reason):
            problem(.unprocessableContent, "bigpanda_refused", reason)
        }
    }

    private static func problem(
        _ status: HTTPStatus, _ code: String, _ detail: String
    ) -> APIProblem {
        APIProblem(status, code, detail)
    }
}
