import AlertJSON
package import Alerts
package import JSON
import TLS

extension JSONWriter {
    /// Writes a delivery as `GET /v1/deliveries` gives it.
    package mutating func delivery(_ delivery: Delivery) {
        object { json in json.members(of: delivery) }
    }

    /// Writes a delivery as `GET /v1/deliveries/{id}` gives it: with what was sent.
    package mutating func delivery(_ kept: KeptDelivery) {
        object { json in
            json.members(of: kept.delivery)
            json.name("headers")
            json.object { json in
                for (name, value) in Self.joined(kept.request.headers) {
                    json.member(name, value)
                }
            }
            guard let body = kept.request.body else {
                return json.member("body", String?.none)
            }
            if let text = String(validating: body, as: UTF8.self) {
                json.member("body", text)
            } else {
                json.member("body", String?.none)
                json.member("body_base64", Base64.encode(body))
            }
        }
    }

    private mutating func members(of delivery: Delivery) {
        member("id", delivery.id.text)
        member("received_at", delivery.receivedAt)
        member("source_id", delivery.sourceID?.text)
        member("outcome", delivery.verdict.outcomeText)
        if let refusal = delivery.verdict.refusal { member("reason", refusal.rawValue) }
        if let incidentID = delivery.incidentID { member("incident_id", incidentID) }
        if let alertID = delivery.alertID { member("alert_id", alertID.text) }
        member("peer", delivery.peer)
        member("secret_id", delivery.secretID?.text)
        member("bytes", delivery.bytes)
        if let original = delivery.replayOf { member("replay_of", original.text) }
    }

    /// Fields of one name, whatever its case, become one (RFC 9110, section 5.3).
    private static func joined(
        _ fields: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var joined: [(name: String, value: String)] = []
        for field in fields {
            let same = joined.firstIndex { $0.name.lowercased() == field.name.lowercased() }
            if let same {
                joined[same].value += ", " + field.value
            } else {
                joined.append(field)
            }
        }
        return joined
    }
}
