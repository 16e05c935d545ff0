import AlertJSON
import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import HTTPServer
import JSON
import Logging
import Synchronization
import Testing

@Suite struct CursorTextTests {
    @Test(arguments: [Int64(0), 1, 4711, .max])
    func `a cursor comes back as it went`(sequence: Int64) {
        let cursor = PageCursor(sequence: sequence)
        #expect(CursorText.decode(CursorText.encode(cursor)) == cursor)
    }

    @Test(arguments: ["", "x", "djE6LTE", "djI6MQ", "12", "=", "djE6"])
    func `what is no cursor is refused`(text: String) {
        #expect(CursorText.decode(text) == nil)
    }
}

@Suite struct RequestFieldsTests {
    private func fields(
        _ body: String, type: String? = "application/json"
    ) throws -> RequestFields {
        let fields = type.map { [HTTPField("Content-Type", $0)] } ?? []
        let head = try HTTPRequestHead(.post, "/v1/x", fields: fields)
        return try RequestFields(HTTPRequest(head: head, body: Array(body.utf8)))
    }

    private func status(of body: String, type: String? = "application/json") -> Int? {
        do {
            _ = try fields(body, type: type)
            return nil
        } catch {
            return (error as? APIProblem)?.response.status.code
        }
    }

    @Test(
        arguments: [
            ("{}", "application/json", nil), ("", nil, nil),
            ("{}", "application/json; charset=utf-8", nil),
            ("{}", "application/merge-patch+json", nil),
            ("{}", "text/plain", 415), ("{}", nil, 415), ("{", "application/json", 400),
            ("[]", "application/json", 400), ("{}x", "application/json", 400),
        ] as [(String, String?, Int?)])
    func `a body must be one JSON object and say so`(body: String, type: String?, expected: Int?) {
        #expect(status(of: body, type: type) == expected)
    }

    @Test func `members are taken with their types and bounds`() throws {
        let fields = try fields(
            #"{"name":"  a ","on":true,"n":5,"at":"2026-12-31T00:00:00Z","none":null}"#)
        #expect(try fields.requiredText("name", charactersMax: 10) == "a")
        #expect(try fields.bool("on") == true)
        #expect(try fields.integer("n", in: 0...9) == 5)
        #expect(throws: APIProblem.self) { try fields.integer("n", in: 6...9) }
        #expect(throws: APIProblem.self) { try fields.requiredText("none", charactersMax: 10) }
        #expect(throws: APIProblem.self) { try fields.requiredText("name", charactersMax: 1) }
        #expect(throws: APIProblem.self) { try fields.bool("name") }
        guard case .value(let moment) = try fields.moment("at") else {
            Issue.record("the moment was not read")
            return
        }
        #expect(moment.rfc3339 == "2026-12-31T00:00:00.000Z")
    }
}

@Suite struct RepresentationTests {
    @Test func `an alert has every member of the contract`() throws {
        var alert = Alert(
            id: AlertID("alt_1"), sourceID: SourceID("src_1"), incidentID: "inc",
            status: .firing, createdAt: DirectorySamples.now)
        alert.tags = [
            AlertTag(name: "host", value: "a"), AlertTag(name: "host", value: "b"),
        ]
        let entry = Transition(
            at: DirectorySamples.now, outcome: .created, status: .firing,
            cause: Actor(.bigpanda, name: "incident#new"))
        var json = JSONWriter()
        json.alert(AlertMachine.Subject(alert: alert), timeline: [entry])
        let tree = try JSONTree(parsing: json.bytes)
        let names = Set((tree.object ?? []).map(\.name))
        let expected: Set<String> = [
            "id", "source_id", "incident_id", "title", "description", "status", "severity",
            "bigpanda_status", "environment_id", "flapping", "snoozed", "tags", "source_url",
            "alert_count", "created_at", "fired_at", "resolved_at", "resolved_by", "updated_at",
            "close", "timeline",
        ]
        #expect(names == expected)
        #expect(tree["tags"]?.object?.count == 1)
        #expect(tree["timeline"]?[0]?["cause"]?["kind"]?.string == "bigpanda")
    }

    @Test func `an integration shows no key`() throws {
        var json = JSONWriter()
        json.integration(DirectorySamples.integration())
        let tree = try JSONTree(parsing: json.bytes)
        #expect(tree["key_suffix"]?.string == "-key")
        #expect(tree["api_key"] == nil)
    }
}

@Suite struct GatewayLogHandlerTests {
    @Test func `no peer can write a line of its own`() throws {
        let lines = Mutex<[String]>([])
        let sink = try LogSink { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        for format in LogFormat.allCases {
            let log = Logger(label: "test") { _ in
                GatewayLogHandler(sink: sink, format: format, level: .info)
            }
            log.notice("refused", metadata: ["path": "/x\n2026 ERROR forged"])
            log.debug("below the level")
        }
        sink.flush()
        // The writer's thread may hold the lines for a moment; flush runs until all are out.
        let text = lines.withLock { $0.joined() }
        #expect(text.split(separator: "\n").count == 2)
        #expect(!text.contains("below"))
    }
}

@Suite struct IdentifierSourceTests {
    @Test func `ids grow, are unique and tell their kind`() async throws {
        let ids = try await LoopFixture.run {
            let source = IdentifierSource()
            return (0..<2000).map { _ in source.make(.alert) }
        }
        #expect(Set(ids).count == ids.count)
        #expect(ids == ids.sorted())
        #expect(ids.allSatisfy { $0.hasPrefix("alt_") && $0.utf8.count == 30 })
    }
}
