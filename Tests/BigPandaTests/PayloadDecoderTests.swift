import Alerts
import BigPanda
import Testing

@testable import JSON

private let fingerprint = Fingerprint(high: 1, low: 2)

func decoded(_ text: String) throws(PayloadRefusal) -> WebhookEvent {
    try PayloadDecoder().decode(Array(text.utf8), fingerprint: fingerprint)
}

/// An incident with one more field, wrapped.
func decoded(withField field: String) throws(PayloadRefusal) -> WebhookEvent {
    try decoded("{\"incident\":{\"id\":\"i1\",\(field)}}")
}

@Suite struct PayloadDecoderTests {
    @Test func `a first share is decoded whole`() throws {
        let event = try decoded(Payloads.new)
        #expect(event.incidentID == "681102f731824249f48df555")
        #expect(event.name == .new)
        #expect(event.active == true)
        #expect(event.resolved == false)
        #expect(event.bigPandaStatus == "critical")
        #expect(event.severity == "critical")
        #expect(
            event.times
                == EventTimes(
                    changedOn: Timestamp(seconds: 1_746_000_030),
                    updatedOn: Timestamp(seconds: 1_746_000_031)))
        #expect(event.title == "db-prod-1 – cpu")
        #expect(event.summary == "CPU above 95 % for 5 minutes")
        #expect(event.environmentID == "63bd568809cb331300ffa555")
        #expect(event.flapping == false)
        #expect(event.snoozed == false)
        #expect(
            event.tags == [
                AlertTag(name: "Priority", value: "P1"),
                AlertTag(name: "host", value: "db-prod-1"),
                AlertTag(name: "check", value: "cpu"),
                AlertTag(name: "cluster", value: "db-prod"),
            ])
        #expect(event.sourceURL == nil)
        #expect(event.alertCount == 1)
        #expect(event.fingerprint == fingerprint)
        #expect(event.describedState == .open)
    }

    @Test func `a close is decoded`() throws {
        let event = try decoded(Payloads.closed)
        #expect(event.name == .closed)
        #expect(event.active == false)
        #expect(event.resolved == true)
        #expect(event.bigPandaStatus == "ok")
        #expect(event.times.changedOn == Timestamp(seconds: 1_746_003_600))
        #expect(event.summary == "CPU back to 20 %")
        #expect(event.describedState == .closed)
    }

    @Test func `a re-open is decoded`() throws {
        let event = try decoded(Payloads.reopen)
        #expect(event.name == .reopen)
        #expect(event.active == true)
        #expect(event.title == "db-prod-1 – cpu")
        #expect(event.summary == nil)
        #expect(event.describedState == .open)
    }

    @Test func `a bare incident with strings for times is decoded`() throws {
        let event = try decoded(Payloads.bare)
        #expect(event.incidentID == "681102f731824249f48df555")
        #expect(event.name == .other)
        #expect(event.bigPandaStatus == "critical")
        #expect(event.severity == "critical")
        #expect(event.times.changedOn == Timestamp(seconds: 1_746_003_600))
        #expect(event.times.updatedOn == nil)
        #expect(event.title == nil)
        #expect(event.tags == nil)
        #expect(event.environmentID == nil)
        #expect(event.alertCount == 1)
        #expect(event.describedState == .closed)
    }

    @Test func `a template with little in it is decoded`() throws {
        let event = try decoded(Payloads.template)
        #expect(event.name == .closed)
        #expect(event.environmentID == "63bd568809cb331300ffa555")
        #expect(event.times.updatedOn == Timestamp(seconds: 1_746_003_601))
        #expect(event.active == nil)
        #expect(event.describedState == .closed)
    }

    @Test func `the names of the v2 API are taken as well`() throws {
        for text in [Payloads.v2, "{\"incident\":\(Payloads.v2)}"] {
            let event = try decoded(text)
            #expect(event.times.changedOn == Timestamp(seconds: 1_746_000_030))
            #expect(event.times.updatedOn == Timestamp(seconds: 1_746_000_031))
            #expect(event.environmentID == "63bd568809cb331300ffa555")
            #expect(event.tags == [AlertTag(name: "itd_priority_1", value: "P1")])
            #expect(event.name == .missing)
        }
    }

    @Test func `an id is enough`() throws {
        let event = try decoded("{\"id\":\"x\"}")
        #expect(event == WebhookEvent(incidentID: "x", fingerprint: fingerprint))
    }

    @Test(
        arguments: [
            ("", .empty), ("nope", .unexpectedByte), ("{\"id\":\"x\"} x", .trailingBytes),
            ("<html>", .unexpectedByte), ("{\"id\":\"x\",}", .unexpectedByte),
        ] as [(String, JSONReason)])
    func `what is not JSON is refused as that`(text: String, reason: JSONReason) {
        let error = #expect(throws: PayloadRefusal.self) { try decoded(text) }
        #expect(error?.reason == "not_json")
        #expect(error?.explanation.contains(reason.rawValue) == true)
    }

    enum JSONReason: String {
        case empty
        case unexpectedByte = "unexpected_byte"
        case trailingBytes = "trailing_bytes"
    }

    @Test(arguments: [
        "{}", "[]", "null", "1", "\"x\"", "{\"incident\":{}}", "{\"incident\":{\"id\":null}}",
        "{\"incident\":null}", "{\"incident\":\"x\"}", "{\"incident\":[{\"id\":\"x\"}]}",
        "[{\"id\":\"x\"}]", "{\"Id\":\"x\"}", "{\"incident\":{\"_id\":\"x\"},\"id\":\"y\"}",
    ])
    func `a body without an incident's id is refused`(_ text: String) {
        let error = #expect(throws: PayloadRefusal.self) { try decoded(text) }
        #expect(error == .noIncidentID)
        #expect(error?.reason == "no_incident_id")
    }

    @Test(arguments: [
        "1", "1.5", "true", "[]", "{}", "[\"x\"]", "{\"$oid\":\"x\"}", "\"\"",
        "\"\(String(repeating: "x", count: 257))\"", "\"\(String(repeating: "é", count: 129))\"",
    ])
    func `an id that is no string of 1 to 256 bytes is refused`(_ id: String) {
        for text in ["{\"id\":\(id)}", "{\"incident\":{\"id\":\(id)}}"] {
            let error = #expect(throws: PayloadRefusal.self) { try decoded(text) }
            #expect(error == .badIncidentID)
            #expect(error?.reason == "bad_incident_id")
        }
    }

    @Test(arguments: [
        "x", String(repeating: "x", count: 256), String(repeating: "é", count: 128), " ", "a b/c?",
    ])
    func `an id of 1 to 256 bytes is kept as it is`(_ id: String) throws {
        #expect(try decoded("{\"incident\":{\"id\":\"\(id)\"}}").incidentID == id)
    }

    @Test func `every prefix of a payload is refused`() {
        let bytes = Array(Payloads.new.utf8)
        for count in 0..<bytes.count {
            let error = #expect(throws: PayloadRefusal.self) {
                try PayloadDecoder().decode(Array(bytes[..<count]), fingerprint: fingerprint)
            }
            #expect(error?.reason == "not_json")
        }
    }

    @Test func `only what we had no memory for is to be sent again`() {
        #expect(PayloadRefusal.notJSON(JSONError(.outOfMemory)).isTransient)
        #expect(!PayloadRefusal.notJSON(JSONError(.tooManyValues)).isTransient)
        #expect(!PayloadRefusal.noIncidentID.isTransient)
        #expect(!PayloadRefusal.badIncidentID.isTransient)
    }

    @Test func `one decoder reads any number of bodies`() throws {
        let decoder = PayloadDecoder()
        for text in [Payloads.new, "{", Payloads.closed, "{}", Payloads.bare] {
            _ = try? decoder.decode(Array(text.utf8), fingerprint: fingerprint)  // Two are refused.
        }
        let event = try decoder.decode(Array(Payloads.reopen.utf8), fingerprint: fingerprint)
        #expect(event.name == .reopen)
    }
}
