package import Alerts
package import JSON

extension JSONWriter {
    /// Writes a moment as RFC 3339, or `null`.
    package mutating func member(_ name: String, _ moment: Timestamp?) {
        member(name, moment?.rfc3339)
    }

    /// Writes an alert as `GET /v1/alerts/{id}` gives it, and its timeline if one is handed in.
    package mutating func alert(_ subject: AlertMachine.Subject, timeline: [Transition]? = nil) {
        let alert = subject.alert
        object { json in
            json.member("id", alert.id.text)
            json.member("source_id", alert.sourceID.text)
            json.member("incident_id", alert.incidentID)
            if alert.sourceID.isCanary { json.member("canary", true) }
            json.member("title", alert.title)
            json.member("description", alert.summary)
            json.member("status", alert.status.rawValue)
            json.member("severity", alert.severity)
            json.member("bigpanda_status", alert.bigPandaStatus)
            json.member("environment_id", alert.environmentID)
            json.member("flapping", alert.flapping)
            json.member("snoozed", alert.snoozed)
            json.name("tags")
            json.tags(alert.tags)
            json.member("source_url", alert.sourceURL)
            json.member("alert_count", alert.alertCount)
            json.member("created_at", alert.createdAt)
            json.member("fired_at", alert.firedAt)
            json.member("resolved_at", alert.resolvedAt)
            json.name("resolved_by")
            if let actor = alert.resolvedBy { json.actor(actor) } else { json.null() }
            json.member("updated_at", alert.updatedAt)
            json.name("close")
            if let close = subject.close { json.close(close) } else { json.null() }
            guard let timeline else { return }
            json.name("timeline")
            json.array { json in
                for entry in timeline { json.transition(entry) }
            }
        }
    }

    /// Writes a close as `GET /v1/closes` gives it.
    package mutating func close(_ close: Close) {
        object { json in
            json.member("id", close.id.text)
            json.member("alert_id", close.alertID.text)
            json.member("state", close.state.rawValue)
            json.member("attempts", close.attempts)
            json.member("last_error", close.lastError)
            json.member("next_attempt_at", close.nextAttemptAt)
            json.member("requested_by", close.requestedBy)
            json.member("comment", close.comment)
            json.member("created_at", close.createdAt)
            json.member("sent_at", close.sentAt)
            json.member("updated_at", close.updatedAt)
        }
    }

    private mutating func actor(_ actor: Actor) {
        object { json in
            json.member("kind", actor.kind.rawValue)
            json.member("name", actor.name)
        }
    }

    /// Writes tags as one object; of two with the same name the first stands.
    private mutating func tags(_ tags: [AlertTag]) {
        object { json in
            var seen: Set<String> = []
            for tag in tags where seen.insert(tag.name).inserted {
                json.member(tag.name, tag.value)
            }
        }
    }

    private mutating func transition(_ entry: Transition) {
        object { json in
            json.member("at", entry.at)
            json.member("outcome", entry.outcome.rawValue)
            json.member("status", entry.status.rawValue)
            json.name("cause")
            json.actor(entry.cause)
            if let comment = entry.comment { json.member("comment", comment) }
            if let id = entry.deliveryID { json.member("delivery_id", id.text) }
            if let changedOn = entry.changedOn { json.member("changed_on", changedOn) }
        }
    }
}
