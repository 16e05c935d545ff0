import JSON
import Testing

@Suite struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `commas and colons fall into place`() {
        let text = text { writer in
            writer.object { writer in
                writer.member("a", 1)
                writer.name("b")
                writer.array { writer in
                    writer.value("x")
                    writer.array { _ in }
                    writer.object { _ in }
                    writer.null()
                    writer.value(true)
                }
                writer.member("c", String?.none)
                writer.member("d", 0.5)
                writer.member("e", false)
                writer.name("f")
                writer.raw(Array("[1]".utf8))
                writer.name("g")
                writer.object { $0.member("h", UInt64.max) }
            }
        }
        #expect(
            text == """
                {"a":1,"b":["x",[],{},null,true],"c":null,"d":0.5,"e":false,"f":[1],\
                "g":{"h":18446744073709551615}}
                """)
    }

    @Test(arguments: [
        ("", "\"\""), ("a\"b", "\"a\\\"b\""), ("\\", "\"\\\\\""), ("a/b", "\"a/b\""),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", "\"\\b\\t\\n\\f\\r\""),
        ("\0\u{1}\u{B}\u{F}", "\"\\u0000\\u0001\\u000b\\u000f\""),
        ("\u{10}\u{1F}", "\"\\u0010\\u001f\""), ("\u{7F}", "\"\u{7F}\""), ("é😀", "\"é😀\""),
        ("\u{2028}<&>", "\"\u{2028}<&>\""),
    ])
    func `strings are escaped as little as may be`(string: String, expected: String) {
        #expect(text { $0.value(string) } == expected)
    }

    @Test func `every scalar below U+0800 reads back`() throws {
        for code in 0..<UInt32(0x800) {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let string = "x\(scalar)y"
            #expect(try JSONTree(parsing: text { $0.value(string) }) == .string(string))
        }
    }

    @Test(
        arguments: [
            0, -0.0, 1, 0.1, -2.5, 1e21, 1e-7, 123456789.123, .greatestFiniteMagnitude,
            .leastNonzeroMagnitude, .pi, 1e16, -1e-300,
        ] as [Double])
    func `a number reads back the same`(_ number: Double) throws {
        let read = try JSONTree(parsing: text { $0.value(number) }).double
        #expect(read?.bitPattern == number.bitPattern)
    }

    @Test func `a number that JSON does not have traps`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.value(Double.nan)
        }
    }

    @Test func `a writer can go on after a prefix and start over`() {
        var writer = JSONWriter(appendingTo: Array("data: ".utf8))
        writer.value(1)
        #expect(writer.bytes == Array("data: 1".utf8))
        writer.reset()
        writer.beginArray()
        #expect(!writer.isBalanced)
        writer.value(2)
        writer.value(3)
        writer.endArray()
        #expect(writer.isBalanced)
        #expect(writer.bytes == Array("[2,3]".utf8))
    }

    @Test func `an error in a member goes through`() {
        struct Refusal: Error {}
        var writer = JSONWriter()
        #expect(throws: Refusal.self) {
            try writer.object { (_) throws(Refusal) in throw Refusal() }
        }
    }
}

@Suite struct JSONTreeTests {
    @Test(arguments: JSONCases.valid)
    func `a tree reads back from both of its texts`(_ text: String) throws {
        let tree = try JSONTree(parsing: text)
        #expect(try JSONTree(parsing: tree.compact) == tree)
        #expect(try JSONTree(parsing: tree.pretty) == tree)
    }

    @Test func `the pretty text has a line for each thing`() {
        let tree: JSONTree = ["a": [1, 2.5], "b": [:], "c": [], "d": ["e": .null, "f": "x\ny"]]
        #expect(
            tree.pretty == """
                {
                  "a": [
                    1,
                    2.5
                  ],
                  "b": {},
                  "c": [],
                  "d": {
                    "e": null,
                    "f": "x\\ny"
                  }
                }
                """)
    }

    @Test func `a tree is read by name and index`() throws {
        let tree = try JSONTree(parsing: "{\"a\":[1,2.0,\"x\",true,null],\"a\":2}")
        #expect(tree["a"]?[0]?.int64 == 1)
        #expect(tree["a"]?[1]?.int64 == 2)
        #expect(tree["a"]?[1]?.double == 2)
        #expect(tree["a"]?[2]?.string == "x")
        #expect(tree["a"]?[3]?.bool == true)
        #expect(tree["a"]?[4]?.isNull == true)
        #expect(tree["a"]?[5] == nil)
        #expect(tree["b"] == nil)
        #expect(tree.object?.count == 2)
        #expect(tree["a"]?.array?.count == 5)
    }

    @Test func `2 and 2_0 are told apart`() throws {
        #expect(try JSONTree(parsing: "2") == .integer(2))
        #expect(try JSONTree(parsing: "2.0") == .number(2))
    }

    @Test func `a tree as deep as may be is handled`() throws {
        let text = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        let tree = try JSONTree(parsing: text)
        #expect(tree.compact == Array(text.utf8))
        #expect(try JSONTree(parsing: tree.pretty) == tree)
    }
}
