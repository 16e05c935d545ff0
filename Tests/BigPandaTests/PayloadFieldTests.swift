import Alerts
import BigPanda
import Testing

@Suite struct PayloadFieldTests {
    @Test(arguments: ["event", "event_type", "eventType", "trigger", "u_bp_event_type"])
    func `the event's name is found under each of its keys`(_ key: String) throws {
        for value in [
            "\"incident#closed\"", "{\"type\":\"incident#closed\"}",
            "{\"name\":\"incident#closed\"}", "\" Incident#Closed \"",
            "{\"type\":7,\"name\":\"incident#resolved\"}",
        ] {
            #expect(
                try decoded("{\"\(key)\":\(value),\"incident\":{\"id\":\"x\"}}").name == .closed)
            #expect(try decoded("{\"id\":\"x\",\"\(key)\":\(value)}").name == .closed)
        }
    }

    @Test(arguments: ["null", "1", "[]", "{}", "\"\"", "true", "{\"type\":null}"])
    func `what is no event name counts as none`(_ value: String) throws {
        #expect(try decoded("{\"event\":\(value),\"incident\":{\"id\":\"x\"}}").name == .missing)
        let text = "{\"event\":\(value),\"trigger\":\"incident#new\",\"id\":\"x\"}"
        #expect(try decoded(text).name == .new)
    }

    @Test(
        arguments: [
            ("1746000030", 1_746_000_030_000), ("\"1746000030\"", 1_746_000_030_000),
            ("1746000030000", 1_746_000_030_000), ("\"1746000030123\"", 1_746_000_030_123),
            ("1746000030.5", 1_746_000_030_500), ("\"1746000030.25\"", 1_746_000_030_250),
            ("1.746e9", 1_746_000_000_000), ("99999999999", 99_999_999_999_000),
            ("100000000000", 100_000_000_000), ("\"100000000000\"", 100_000_000_000),
            ("\" 1746000030 \"", 1_746_000_030_000),
            ("\"2025-04-30T08:00:30Z\"", 1_746_000_030_000),
            ("null", nil), ("0", nil), ("-1", nil), ("\"\"", nil), ("\"soon\"", nil), ("true", nil),
            ("[1746000030]", nil), ("{}", nil), ("1e300", nil), ("99999999999999999999", nil),
            ("9223372036854775807", nil), ("\"nan\"", nil), ("\"inf\"", nil), ("\"0x10\"", nil),
            ("253402300800000", nil),
        ] as [(String, Int64?)])
    func `a time is a number or text, in seconds or milliseconds`(
        value: String, milliseconds: Int64?
    ) throws {
        let expected = milliseconds.map { Timestamp(milliseconds: $0) }
        for key in ["changedOn", "changed_on", "changed_at", "changedAt"] {
            #expect(try decoded(withField: "\"\(key)\":\(value)").times.changedOn == expected)
        }
        for key in ["updatedOn", "updated_on", "updated_at", "updatedAt"] {
            #expect(try decoded(withField: "\"\(key)\":\(value)").times.updatedOn == expected)
        }
    }

    @Test(
        arguments: [
            ("true", true), ("false", false), ("\"true\"", true), ("\"False\"", false),
            ("\" TRUE \"", true), ("null", nil), ("1", nil), ("0", nil), ("\"yes\"", nil),
            ("[]", nil),
            ("{}", nil), ("\"\"", nil),
        ] as [(String, Bool?)])
    func `a truth value may stand in quotes`(value: String, expected: Bool?) throws {
        #expect(try decoded(withField: "\"active\":\(value)").active == expected)
        #expect(try decoded(withField: "\"resolved\":\(value)").resolved == expected)
        #expect(try decoded(withField: "\"flapping\":\(value)").flapping == expected)
    }

    @Test(
        arguments: [
            ("\"snooze\":{\"snoozed\":true,\"end_time\":1}", true),
            ("\"snooze\":{\"snoozed\":false}", false), ("\"snooze\":{\"snoozed\":\"true\"}", true),
            ("\"snooze\":{}", nil), ("\"snooze\":null", false), ("\"snooze\":true", true),
            ("\"snoozed\":true", true), ("\"snooze\":{},\"snoozed\":\"false\"", false),
            ("\"snooze\":7", nil), ("\"active\":true", nil),
        ] as [(String, Bool?)])
    func `snoozed is found in its object or beside it`(field: String, expected: Bool?) throws {
        #expect(try decoded(withField: field).snoozed == expected)
    }

    @Test(
        arguments: [
            ("\"Critical\"", "critical"), ("\" WARNING \"", "warning"), ("\"ok\"", "ok"),
            ("\"\"", nil), ("\" \"", nil), ("null", nil), ("1", nil), ("[\"ok\"]", nil),
            ("\"\(String(repeating: "x", count: 70))\"", String(repeating: "x", count: 64)),
        ] as [(String, String?)])
    func `a status is a word in lower case`(value: String, expected: String?) throws {
        #expect(try decoded(withField: "\"status\":\(value)").bigPandaStatus == expected)
        #expect(try decoded(withField: "\"severity\":\(value)").severity == expected)
    }

    @Test(arguments: [
        "{\"environment_id\":\"e1\",\"incident\":{\"id\":\"x\",\"environments\":[\"e2\"]}}",
        "{\"environmentId\":\"e1\",\"incident\":{\"id\":\"x\"}}",
        "{\"env_id\":\"e1\",\"incident\":{\"id\":\"x\"}}",
        "{\"environment\":{\"id\":\"e1\",\"name\":\"n\"},\"incident\":{\"id\":\"x\"}}",
        "{\"incident\":{\"id\":\"x\",\"environment_id\":\"e1\",\"environments\":[\"e2\"]}}",
        "{\"incident\":{\"id\":\"x\",\"environment\":{\"id\":\"e1\"}}}",
        "{\"incident\":{\"id\":\"x\",\"environments\":[\"e1\",\"e2\"]}}",
        "{\"incident\":{\"id\":\"x\",\"environments\":[{\"id\":\"e1\",\"name\":\"n\"}]}}",
        "{\"incident\":{\"id\":\"x\",\"environments\":[{\"name\":\"e1\"}]}}",
        "{\"id\":\"x\",\"env_id\":\"e1\",\"environments\":[\"e2\"]}",
        "{\"id\":\"x\",\"environments\":[\"e1\"]}",
        "{\"environment_id\":null,\"env_id\":\"e1\",\"incident\":{\"id\":\"x\"}}",
        "{\"environment_id\":\" e1 \",\"incident\":{\"id\":\"x\"}}",
    ])
    func `the environment is found in each of its places`(_ text: String) throws {
        #expect(try decoded(text).environmentID == "e1")
    }

    @Test(arguments: [
        "\"environments\":[]", "\"environments\":null", "\"environments\":\"e1\"",
        "\"environments\":[7]", "\"environments\":[{}]", "\"environment_id\":7",
        "\"environment\":\"production\"", "\"environment_id\":\"\"",
    ])
    func `what is no environment counts as none`(_ field: String) throws {
        #expect(try decoded(withField: field).environmentID == nil)
    }

    @Test(
        arguments: [
            ("\"alerts\":[]", 0), ("\"alerts\":[{},{},1]", 3), ("\"alert_count\":7", 7),
            ("\"alerts\":null", nil), ("\"alerts\":{}", nil), ("\"alert_count\":-1", nil),
            ("\"alert_count\":\"7\"", nil),
        ] as [(String, Int?)])
    func `alerts are counted`(field: String, expected: Int?) throws {
        #expect(try decoded(withField: field).alertCount == expected)
    }

    @Test(
        arguments: [
            ("{\"rel\":\"ui\",\"href\":\"https://a.example/x\"}", "https://a.example/x"),
            ("[{\"rel\":\"ui\",\"href\":\"https://a.example/x\"}]", "https://a.example/x"),
            ("[\"http://a.example/x\"]", "http://a.example/x"),
            ("{\"incident\":\"https://a.example/x\"}", "https://a.example/x"),
            ("\"https://a.example/x\"", "https://a.example/x"),
            (
                """
                [{"rel":"self","href":"https://api.bigpanda.io/resources/v1.0/incidents/1"},
                 {"rel":"preview","href":"http://bigp.io/7"},
                 {"rel":"timeline","href":"https://a.bigpanda.io/#/app/e/incidents/1/timeline"},
                 {"rel":"x","href":"https://a.bigpanda.io/#/app/overview/e/active/incidents/1"}]
                """, "https://a.bigpanda.io/#/app/overview/e/active/incidents/1"
            ),
            (
                #"[{"rel":"x","href":"http://bigp.io/7"},{"rel":"ui","href":"HTTPS://p.example"}]"#,
                "HTTPS://p.example"
            ),
            (
                #"[{"rel":"self","href":"https://api.bigpanda.io/resources/v2.0/incidents/1"}]"#,
                nil
            ),
            ("[{\"rel\":\"ui\",\"href\":\"https://eu-api.bigpanda.io/x\"}]", nil),
            ("[{\"rel\":\"ui\",\"href\":\"javascript:alert(1)\"}]", nil),
            ("[\"JaVaScRiPt://a.example/%0aalert(1)\"]", nil), ("[\"data:text/html,x\"]", nil),
            ("[\"ftp://a.example\"]", nil), ("[\"//a.example/x\"]", nil), ("[\"/x\"]", nil),
            ("[\"https://\"]", nil), ("[\"https:///x\"]", nil), ("[\"https://:80/\"]", nil),
            ("[\"https://user@a.example/\"]", nil), ("[\"https://a.example/\\\"x\"]", nil),
            ("[\"https://a.example/ x\"]", nil), ("[\"https://a.example/<b>\"]", nil),
            ("[\"https://a.example/\\u0000\"]", nil), ("[\"https://a.example\\\\@b\"]", nil),
            ("[\"httpsx://a.example\"]", nil), ("[\"https://a.example/é\"]", nil), ("[]", nil),
            ("{}", nil), ("7", nil), ("null", nil), ("[7,null,{},{\"href\":7}]", nil),
            ("[\"https://a.example/\(String(repeating: "x", count: 2_040))\"]", nil),
        ] as [(String, String?)])
    func `the page about an incident is a web page, not the API`(
        links: String, expected: String?
    ) throws {
        #expect(try decoded(withField: "\"links\":\(links)").sourceURL == expected)
    }
}
