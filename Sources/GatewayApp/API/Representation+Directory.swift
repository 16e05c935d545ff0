import AlertJSON
package import Alerts
package import JSON

extension JSONWriter {
    /// Writes an integration as the API gives it: never its key.
    package mutating func integration(_ integration: Integration) {
        object { json in
            json.member("id", integration.id.text)
            json.member("name", integration.name)
            json.member("region", integration.endpoint.region)
            json.member("base_url", integration.endpoint.baseURL)
            json.member("environment_id", integration.environmentID)
            json.name("environments")
            json.array { json in
                for environment in integration.environments {
                    json.object { json in
                        json.member("id", environment.id)
                        json.member("name", environment.name)
                    }
                }
            }
            json.member("key_suffix", integration.keySuffix)
            json.member("key_expires_at", integration.keyExpiresAt)
            json.member("state", integration.state.rawValue)
            json.member("state_reason", integration.stateReason)
            json.member("checked_at", integration.checkedAt)
            json.member("created_at", integration.createdAt)
            json.member("updated_at", integration.updatedAt)
        }
    }

    /// Writes a source as the API gives it, and a secret that was made just now if there is one.
    package mutating func source(
        _ source: Source, callbackURL: String, newSecret: String? = nil,
        traffic: TrafficJudgement? = nil
    ) {
        object { json in
            json.member("id", source.id.text)
            json.member("name", source.name)
            json.member("integration_id", source.integrationID.text)
            json.member("enabled", source.isEnabled)
            json.member("callback_url", callbackURL)
            if let newSecret { json.member("secret", newSecret) }
            json.member("last_delivery_at", source.lastDeliveryAt)
            json.member("delivery_count", source.deliveryCount)
            json.member("quiet_watch", source.isWatchedForQuiet)
            json.name("traffic")
            json.traffic(source.isEnabled ? traffic : nil)
            json.name("secrets")
            json.array { json in
                for secret in source.secrets {
                    json.object { json in
                        json.member("id", secret.id.text)
                        json.member("created_at", secret.createdAt)
                        json.member("expires_at", secret.expiresAt)
                        json.member("last_used_at", secret.lastUsedAt)
                    }
                }
            }
            json.member("created_at", source.createdAt)
            json.member("updated_at", source.updatedAt)
        }
    }

    private mutating func traffic(_ judgement: TrafficJudgement?) {
        guard let judgement else { return null() }
        object { json in
            json.member("state", judgement.state.rawValue)
            json.member("days_learned", judgement.daysLearned)
            json.member("silent_spans", judgement.silentSpans)
            json.member("missed_spans", judgement.missedSpans)
        }
    }
}
