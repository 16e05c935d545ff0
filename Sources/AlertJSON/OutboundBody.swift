package import Alerts
import JSON

/// What is posted to webhook endpoints.
///
/// Source: Standard Webhooks, "Payload structure": `type`, `timestamp` and `data`.
package enum OutboundBody {
    /// Tells what happened to an alert, or to its close, at `moment`, and how both are now.
    package static func text(
        _ event: OutboundEvent, at moment: Timestamp, _ subject: AlertMachine.Subject
    ) -> String {
        text(event, at: moment) { json in
            json.name("alert")
            json.alert(subject)
        }
    }

    /// Tells nothing but that the endpoint is reached.
    package static func test(of endpoint: OutboundEndpoint, at moment: Timestamp) -> String {
        text(.endpointTest, at: moment) { json in
            json.member("endpoint_id", endpoint.id.text)
            json.member("endpoint_name", endpoint.name)
        }
    }

    private static func text(
        _ event: OutboundEvent, at moment: Timestamp, _ write: (inout JSONWriter) -> Void
    ) -> String {
        var json = JSONWriter(bytesExpected: 1024)
        json.object { json in
            json.member("type", event.rawValue)
            json.member("timestamp", moment.rfc3339)
            json.name("data")
            json.object(write)
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension OutboundEvent {
    /// When it happened, as the alert and its close tell.
    package func moment(of subject: AlertMachine.Subject) -> Timestamp {
        switch self {
        case .closeConfirmed, .closeFailed: subject.close?.updatedAt ?? subject.alert.updatedAt
        case .alertCreated, .alertResolved, .alertRefired, .alertUpdated, .endpointTest:
            subject.alert.updatedAt
        }
    }
}
