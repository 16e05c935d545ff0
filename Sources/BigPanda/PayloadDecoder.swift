package import Alerts
import JSON

/// Reads the bodies of BigPanda's Notifications Webhook.
///
/// The envelope of the native payload is nowhere documented, so every shape that the public
/// sources suggest is taken: `{"incident":{…}}` or the incident itself, camel case or snake case,
/// times as numbers or strings. All but the incident's id may be missing; a field of an unexpected
/// type counts as missing. Source: docs/bigpanda.md, "Notifications Webhook v1".
///
/// Keeps the parser's memory between bodies; for one task at a time.
package final class PayloadDecoder {
    private let parser: JSONParser

    /// Makes a decoder for bodies of at most `bytesMax` bytes.
    package init(bytesMax: Int = JSONLimits.documentBytesMax) {
        parser = JSONParser(bytesMax: bytesMax)
    }

    /// Decodes one body.
    ///
    /// - Parameters:
    ///   - body: The bytes as received.
    ///   - fingerprint: Of these very bytes; goes into the event.
    /// - Returns: The event.
    /// - Throws: Why the body names no incident.
    package func decode(
        _ body: [UInt8], fingerprint: Fingerprint
    ) throws(PayloadRefusal) -> WebhookEvent {
        let result: Result<WebhookEvent, PayloadRefusal>
        do throws(JSONError) {
            result = try parser.withDocument(body) { root in
                Self.event(in: root, fingerprint: fingerprint)
            }
        } catch {
            throw .notJSON(error)
        }
        return try result.get()
    }

    private static func event(
        in root: JSONValue, fingerprint: Fingerprint
    ) -> Result<WebhookEvent, PayloadRefusal> {
        let body = JSONFields(root, BodyKey.all)
        let wrapped = body[BodyKey.incident]
        let fields = IncidentFields(wrapped?.kind == .object ? wrapped ?? root : root)
        let incident = fields.members
        guard let id = incident[IncidentKey.id], !id.isNull else { return .failure(.noIncidentID) }
        guard let count = id.stringByteCount,
            (1...PayloadLimits.incidentIDBytesMax).contains(count),
            let incidentID = id.string
        else { return .failure(.badIncidentID) }
        var event = WebhookEvent(
            incidentID: incidentID, name: eventName(in: body), fingerprint: fingerprint,
            times: fields.times)
        event.active = fields.active
        event.resolved = fields.resolved
        event.bigPandaStatus = fields.status
        event.severity = fields.severity
        event.flapping = fields.flapping
        event.snoozed = fields.snoozed
        event.environmentID = environment(in: body, incident)
        event.sourceURL = incident[IncidentKey.links].flatMap(LinkReader.page(in:))
        event.alertCount = alertCount(of: incident)
        describe(incident, in: &event)
        return .success(event)
    }

    private static func eventName(in body: JSONFields) -> EventName {
        let scalarsMax = PayloadLimits.eventNameScalarsMax
        let name = body.first(BodyKey.event) { value in
            value.text(scalarsMax: scalarsMax)
                ?? value.first("type", "name") { $0.text(scalarsMax: scalarsMax) }
        }
        return EventName(name)
    }

    /// The environment that the payload names first.
    ///
    /// Source: docs/bigpanda.md, "Finding the environment id".
    private static func environment(in body: JSONFields, _ incident: JSONFields) -> String? {
        if let named = body.first(BodyKey.environmentID, read: name)
            ?? body[BodyKey.environment]?["id"].flatMap(name)
            ?? incident.first(IncidentKey.environmentID, read: name)
            ?? incident[IncidentKey.environment]?["id"].flatMap(name)
        {
            return named
        }
        guard let environments = incident[IncidentKey.environments]?.array else { return nil }
        for environment in environments {
            return name(environment) ?? environment.first("id", "name", read: name)
        }
        return nil
    }

    private static func name(_ value: JSONValue) -> String? {
        value.text(scalarsMax: PayloadLimits.environmentScalarsMax)
    }

    private static func alertCount(of incident: JSONFields) -> Int? {
        if let alerts = incident[IncidentKey.alerts]?.array {
            return alerts.reduce(0) { sum, _ in sum + 1 }
        }
        return incident.first(IncidentKey.alertCount) { value in
            value.int64.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
        }
    }

    /// Fills in what people read.
    private static func describe(_ incident: JSONFields, in event: inout WebhookEvent) {
        let main = incident[IncidentKey.alerts].flatMap(MainAlert.init)
        let own = incident[IncidentKey.description]?
            .text(scalarsMax: PayloadLimits.summaryScalarsMax)
        event.summary = main?.description ?? own
        let title =
            main?.title
            ?? incident[IncidentKey.title]?.text(scalarsMax: PayloadLimits.titleScalarsMax)
            ?? event.summary
        event.title = title.map { title in
            title.onOneLine.cut(toScalars: PayloadLimits.titleScalarsMax).trimmed
        }
        let incidentTags = incident.first(IncidentKey.tags, read: TagReader.read)
        event.tags = TagReader.merged(incidentTags, main?.tags)
    }
}
