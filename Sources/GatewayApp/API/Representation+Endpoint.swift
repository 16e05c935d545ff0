import AlertJSON
import Alerts
import EventLoop
import JSON

extension JSONWriter {
    /// Writes a webhook endpoint as the API gives it, and a secret that was made just now if there
    /// is one.
    ///
    /// Who may not change it sees no more of its URL than the host: the rest may be a secret.
    mutating func endpoint(
        _ endpoint: OutboundEndpoint, to role: Role, newSecret: SigningSecret? = nil
    ) {
        object { json in
            json.member("id", endpoint.id.text)
            json.member("name", endpoint.name)
            json.member("url", role < .admin ? EndpointURL.masked(endpoint.url) : endpoint.url)
            json.name("events")
            json.array { json in
                for event in endpoint.events { json.value(event.rawValue) }
            }
            json.member("enabled", endpoint.isEnabled)
            json.member("disabled_reason", endpoint.disabledReason?.rawValue)
            json.member("failures", endpoint.failuresCount)
            json.member("failing_since", endpoint.failingSince)
            json.member("last_success_at", endpoint.lastSuccessAt)
            if let newSecret { json.member("secret", newSecret.secretText) }
            json.member("secret_created_at", endpoint.secretCreatedAt)
            json.member("previous_secret_expires_at", endpoint.previousSecretEndsAt)
            json.member("created_at", endpoint.createdAt)
            json.member("updated_at", endpoint.updatedAt)
        }
    }

    /// Writes a webhook to an endpoint as the API gives it; `body` is what is posted.
    mutating func message(
        _ message: OutboundMessage, of endpointID: EndpointID, body: String? = nil
    ) {
        object { json in
            json.member("id", message.id.text)
            json.member("endpoint_id", endpointID.text)
            json.member("event", message.event.rawValue)
            json.member("alert_id", message.alertID?.text)
            json.member("state", message.state.rawValue)
            json.member("attempts", message.attempts)
            json.member("created_at", message.createdAt)
            json.member("next_attempt_at", message.nextAttemptAt)
            json.name("last_attempt")
            if let attempt = message.lastAttempt {
                json.object { json in
                    json.member("at", attempt.at)
                    json.member("duration_ms", Int(attempt.duration.milliseconds))
                    json.member("status_code", attempt.statusCode)
                    json.member("error", attempt.error)
                }
            } else {
                json.null()
            }
            if let body { json.member("body", body) }
        }
    }
}
