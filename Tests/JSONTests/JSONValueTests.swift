import JSON
import Testing

@Suite struct JSONValueTests {
    private func read<Result>(_ text: String, _ body: (JSONValue) -> Result) throws -> Result {
        try JSONParser().withDocument(Array(text.utf8), body)
    }

    @Test(
        arguments: [
            ("null", .null), ("true", .bool), ("0", .number), ("18446744073709551615", .number),
            ("1.5", .number), ("\"\"", .string), ("[]", .array), ("{}", .object),
        ] as [(String, JSONValue.Kind)])
    func `a value knows its type`(text: String, kind: JSONValue.Kind) throws {
        #expect(try read(text) { $0.kind } == kind)
        #expect(try read("[\(text)]") { root in root.array?.map(\.kind) } == [kind])
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("1746000000", 1_746_000_000), ("1746000000.0", 1_746_000_000),
            ("1.5e1", 15), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("18446744073709551616", nil), ("0.5", nil),
            ("1e300", nil),
            ("\"1\"", nil), ("true", nil), ("null", nil),
        ] as [(String, Int64?)])
    func `int64 is there for whole numbers within 64 bits`(text: String, expected: Int64?) throws {
        #expect(try read(text) { $0.int64 } == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", nil), ("18446744073709551615", .max), ("1e3", 1_000), ("1e20", nil),
        ] as [(String, UInt64?)])
    func `uint64 is there for whole numbers from zero on`(text: String, expected: UInt64?) throws {
        #expect(try read(text) { $0.uint64 } == expected)
    }

    @Test func `double is there for every number`() throws {
        #expect(
            try read("[1,18446744073709551615,0.5,\"1\"]") { root in
                root.array?.map(\.double)
            } == [1, 0x1p64, 0.5, nil])
    }

    @Test func `the first of equal names wins`() throws {
        #expect(try read("{\"a\":1,\"b\":2,\"a\":3}") { $0["a"]?.int64 } == 1)
        #expect(
            try read("{\"a\":1,\"b\":2,\"a\":3}") { root in
                root.object?.map { "\($0.name)=\($0.value.int64 ?? 0)" }
            } == ["a=1", "b=2", "a=3"])
    }

    @Test func `names are compared unescaped and whole`() throws {
        try read("{\"\\u0061b\":1,\"abc\":2,\"\":3,\"a\\u0000\":4}") { root in
            #expect(root["ab"]?.int64 == 1)
            #expect(root["abc"]?.int64 == 2)
            #expect(root[""]?.int64 == 3)
            #expect(root["a"] == nil)
            #expect(root["a\0"]?.int64 == 4)
        }
    }

    @Test(arguments: ["[]", "1", "\"a\"", "null", "{}", "{\"b\":{\"a\":1}}", "[{\"a\":1}]"])
    func `a member that is not there is nil`(_ text: String) throws {
        #expect(try read(text) { $0["a"] == nil })
    }

    @Test func `iteration steps over what is nested`() throws {
        let text = "[[1,[2,3]],{\"a\":[4]},\"x\",5.5,[],{},18446744073709551615,true]"
        #expect(
            try read(text) { root in root.array?.map(\.kind) } == [
                .array, .object, .string, .number, .array, .object, .number, .bool,
            ])
        #expect(
            try read("{\"a\":[1,{\"z\":2}],\"b\":3,\"c\":{}}") { root in
                root.object?.map(\.name)
            } == ["a", "b", "c"])
    }

    @Test func `a string may be cut at a scalar`() throws {
        try read("\"aé😀\\u0000z\"") { value in
            #expect(value.string == "aé😀\0z")
            #expect(value.stringByteCount == 9)
            #expect(value.string(scalarsMax: 0)?.isEmpty == true)
            #expect(value.string(scalarsMax: 2) == "aé")
            #expect(value.string(scalarsMax: 3) == "aé😀")
            #expect(value.string(scalarsMax: 5) == "aé😀\0z")
            #expect(value.string(scalarsMax: 99) == "aé😀\0z")
        }
    }

    @Test func `wrong types are nil`() throws {
        try read("{\"s\":\"x\",\"n\":1,\"b\":true,\"z\":null,\"a\":[]}") { root in
            #expect(root["n"]?.string == nil)
            #expect(root["s"]?.bool == nil)
            #expect(root["b"]?.double == nil)
            #expect(root["a"]?.object == nil)
            #expect(root["s"]?.array == nil)
            #expect(root["z"]?.isNull == true)
            #expect(root["b"]?.isNull == false)
            #expect(root["b"]?.bool == true)
            #expect(root["z"]?.bool == nil)
            #expect(root["n"]?.stringByteCount == nil)
        }
    }
}
