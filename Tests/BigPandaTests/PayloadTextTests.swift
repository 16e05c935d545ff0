import Alerts
import BigPanda
import Testing

/// Random numbers, the same on every run of a seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    // SplitMix64: <https://prng.di.unimi.it/splitmix64.c>
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct PayloadTextTests {
    /// An alert in JSON, named by host and check.
    private func alert(_ status: String, _ startedOn: String, _ host: String) -> String {
        """
        {"status":"\(status)","startedOn":\(startedOn),"primary_property":"host",
         "secondary_property":"check","tags":[{"name":"host","value":"\(host)"},
         {"name":"check","value":"cpu"}]}
        """
    }

    @Test(arguments: [
        (["warning 1 a", "critical 9 b"], "b"), (["critical 9 a", "critical 2 b"], "b"),
        (["critical 2 a", "critical 2 b"], "a"), (["ok 1 a", "unknown 5 b", "warning 6 c"], "c"),
        (["acknowledged 5 a", "ok 1 b"], "a"), (["odd 1 a", "ok 5 b"], "b"),
        (["Critical 5 a", "warning 1 b"], "a"), (["ok null a", "ok 5 b"], "b"),
        (["ok \"5\" a", "ok 4 b"], "b"),
    ])
    func `the title is that of the most severe, oldest alert`(
        alerts: [String], host: String
    ) throws {
        let list = alerts.map { text in
            let parts = text.split(separator: " ").map(String.init)
            return alert(parts[0], parts[1], parts[2])
        }
        let event = try decoded(withField: "\"alerts\":[\(list.joined(separator: ","))]")
        #expect(event.title == "\(host) – cpu")
    }

    @Test(
        arguments: [
            ("\"primary_property\":\"host\",\"tags\":{\"host\":\"h\",\"check\":\"c\"}", "h"),
            (
                #""primary_property":"host","secondary_property":"check","tags":{"check":"c"}"#,
                "c"
            ),
            (
                #""primaryProperty":"h","secondaryProperty":"c","tags":{"h":1,"c":true}"#,
                "1 – true"
            ),
            (
                #""primary_property":"h","tags":[{"object":"h","value":"a\nb"}],"description":"d""#,
                "a b"
            ),
            (
                #""primary_property":"h","tags":[{"name":"h","value":""}],"description":"d""#,
                "d"
            ),
            ("\"primary_property\":\"h\",\"tags\":[],\"description\":\"d\\n\\te\"", "d  e"),
            ("\"primary_property\":7,\"tags\":7,\"description\":7", nil), ("\"id\":\"x\"", nil),
        ] as [(String, String?)])
    func `a title falls back from properties to the description`(
        alert: String, expected: String?
    ) throws {
        #expect(try decoded(withField: "\"alerts\":[{\(alert)}]").title == expected)
    }

    @Test func `the incident's own title and description serve when no alert has one`() throws {
        #expect(try decoded(withField: "\"title\":\"T\",\"description\":\"D\"").title == "T")
        #expect(try decoded(withField: "\"title\":\"T\",\"description\":\"D\"").summary == "D")
        #expect(try decoded(withField: "\"description\":\"D\"").title == "D")
        let event = try decoded(withField: "\"title\":\"T\",\"alerts\":[\(alert("ok", "1", "h"))]")
        #expect(event.title == "h – cpu")
    }

    @Test(
        arguments: [
            (
                "[{\"name\":\"a\",\"value\":\"1\"},{\"object\":\"b\",\"value\":\"2\"}]",
                ["a=1", "b=2"]
            ),
            (
                "{\"a\":\"1\",\"b\":2,\"c\":true,\"d\":null,\"e\":1.5}",
                ["a=1", "b=2", "c=true", "e=1.5"]
            ),
            (
                "[{\"tag_id\":\"a\",\"tag_value\":\"1\"},{\"id\":\"b\",\"value\":\"2\"}]",
                ["a=1", "b=2"]
            ),
            ("{\"a\":[\"x\",\"y\",1],\"b\":[],\"c\":{\"x\":1}}", ["a=x, y, 1"]),
            ("[{\"name\":\"a\"},{\"value\":\"1\"},7,null,{\"name\":\"\",\"value\":\"1\"}]", []),
            ("[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"2\"}]", ["a=1"]),
            ("[{\"name\":\" a\\n\",\"value\":\"x\\u0000y\"}]", ["a=x y"]), ("[]", []), ("{}", []),
            ("7", nil), ("null", nil), ("\"a=1\"", nil),
        ] as [(String, [String]?)])
    func `tags are read in every shape`(tags: String, expected: [String]?) throws {
        for field in [
            "\"incidentTags\":\(tags)", "\"incident_tags\":\(tags)",
            "\"alerts\":[{\"tags\":\(tags)}]",
        ] {
            let read = try decoded(withField: field).tags
            #expect(read?.map { "\($0.name)=\($0.value)" } == expected)
        }
    }

    @Test func `an incident's tag hides the one of its alert`() throws {
        let event = try decoded(
            withField:
                "\"incidentTags\":{\"a\":\"1\"},\"alerts\":[{\"tags\":{\"a\":\"2\",\"b\":\"3\"}}]")
        #expect(event.tags == [AlertTag(name: "a", value: "1"), AlertTag(name: "b", value: "3")])
    }

    @Test(arguments: [1, 15, 16, 17, 40, 300])
    func `of many tags too, the first of a name stays`(count: Int) throws {
        func map(_ value: String) -> String {
            "{" + (0..<count).map { "\"t\($0)\":\"\(value)\"" }.joined(separator: ",") + "}"
        }
        let event = try decoded(
            withField: "\"incidentTags\":\(map("1")),\"alerts\":[{\"tags\":\(map("2"))}]")
        let expected = (0..<min(count, PayloadLimits.tagsMax)).map {
            AlertTag(name: "t\($0)", value: "1")
        }
        #expect(event.tags == expected)
    }

    @Test func `long texts are cut`() throws {
        func long(_ count: Int) -> String { String(repeating: "é", count: count) }
        let event = try decoded(
            withField: """
                "title":"\(long(600))","description":"\(long(3_000))",
                "environment_id":"\(long(200))",
                "tags":{"\(long(200))":"\(long(600))"}
                """)
        #expect(event.title == long(500))
        #expect(event.summary == long(2_048))
        #expect(event.environmentID == long(128))
        #expect(event.tags == [AlertTag(name: long(128), value: long(512))])
    }

    @Test func `a title made of two long values is cut`() throws {
        let value = String(repeating: "x", count: 600)
        let event = try decoded(
            withField: """
                "alerts":[{"primary_property":"a","secondary_property":"b",
                "tags":{"a":"\(value)","b":"\(value)"}}]
                """)
        #expect(event.title?.unicodeScalars.count == PayloadLimits.titleScalarsMax)
    }

    @Test func `no more than 200 tags are kept`() throws {
        let tags = (0..<5_000).map { "\"t\($0)\":\($0)" }.joined(separator: ",")
        let event = try decoded(withField: "\"tags\":{\(tags)},\"alerts\":[{\"tags\":{\(tags)}}]")
        #expect(event.tags?.count == 200)
        #expect(event.tags?.last == AlertTag(name: "t199", value: "199"))
    }

    @Test func `one letter with very many marks does not get past the bounds`() throws {
        let text = "a" + String(repeating: "\u{301}", count: 10_000)
        let event = try decoded(withField: "\"title\":\"\(text)\"")
        #expect(event.title?.unicodeScalars.count == 500)
    }

    @Test func `control characters do not get through`() throws {
        let event = try decoded(
            withField: "\"title\":\"a\\u0000b\\u001b[31mc\",\"description\":\"x\\ny\\u0007\\tz\"")
        #expect(event.title == "a b [31mc")
        #expect(event.summary == "x\ny \tz")
    }

    @Test func `10_000 mutated payloads are read or refused`() {
        var random = SeededGenerator(seed: 20_260_102)
        let decoder = PayloadDecoder()
        let seeds = [Payloads.new, Payloads.closed, Payloads.bare, Payloads.v2].map {
            Array($0.utf8)
        }
        let pieces = ["null", "[]", "{}", "7", "\"x\"", "true", "-1", "1e999", "\"\\ud800\""]
        var readCount = 0
        for round in 0..<10_000 {
            var bytes = seeds[round % seeds.count]
            // Puts another value in the place of a random one, which leaves most bodies JSON.
            let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
            guard let colon = colons.randomElement(using: &random) else { continue }
            let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") } ?? bytes.endIndex
            let piece = pieces.randomElement(using: &random) ?? ""
            bytes.replaceSubrange(colon + 1..<end, with: piece.utf8)
            do throws(PayloadRefusal) {
                let event = try decoder.decode(bytes, fingerprint: Fingerprint(high: 0, low: 0))
                readCount += 1
                #expect((1...256).contains(event.incidentID.utf8.count))
                #expect(event.title?.isEmpty != true)
            } catch {
                #expect(["not_json", "no_incident_id", "bad_incident_id"].contains(error.reason))
            }
        }
        #expect(readCount > 1_000)
    }
}
