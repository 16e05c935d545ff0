import JSON
import Testing

/// Members are found by all their names in one pass, as looking each of them up would find them.
@Suite struct JSONFieldsTests {
    private static let names = JSONNames([
        ["id"], ["changedOn", "changed_on", "changed_at"], ["", "a\0"], ["tags"],
    ])

    /// All values of a thing, in the order of its names, as numbers.
    private static func values(_ group: Int, in text: String) throws -> [Int64?] {
        try JSONParser().withDocument(Array(text.utf8)) { root in
            let fields = JSONFields(root, names)
            var (values, passed): ([Int64?], Int) = ([], 0)
            while let value = fields.next(of: group, &passed) { values.append(value.int64) }
            return values
        }
    }

    @Test(
        arguments: [
            (#"{"id":1}"#, 0, [1]), (#"{"tags":[],"id":7,"other":{"id":8}}"#, 0, [7]),
            (#"{"changed_at":3,"changedOn":1}"#, 1, [1, 3]),
            (#"{"changed_at":3,"changed_on":2,"changedOn":1}"#, 1, [1, 2, 3]),
            (#"{"changed_on":2,"changed_on":5}"#, 1, [2]), (#"{"\u0069d":4}"#, 0, [4]),
            (#"{"":9,"a\u0000":8}"#, 2, [9, 8]), (#"{"ID":1,"i":2,"idd":3,"di":4}"#, 0, []),
            // Where the table has `id`, of another length and of the same.
            (#"{"idcam":1,"bn":2}"#, 0, []),
            (#"{"a":1}"#, 2, []), ("{}", 0, []), (#"["id"]"#, 0, []), (#""id""#, 0, []),
            ("1", 0, []), ("null", 0, []),
        ] as [(String, Int, [Int64?])])
    func `a thing is found by its names, the preferred first`(
        text: String, group: Int, expected: [Int64?]
    ) throws {
        #expect(try Self.values(group, in: text) == expected)
    }

    @Test func `as many names as there is room for are told apart`() throws {
        let all: [StaticString] = [
            "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b0", "b1", "b2", "b3", "b4", "b5",
            "b6", "b7", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "0a", "1a", "2a", "3a",
            "4a", "5a", "6a", "7a", "0b", "1b", "2b", "3b", "4b", "5b", "6b", "7b", "0c", "1c",
            "2c", "3c", "4c", "5c", "6c", "7c",
        ]
        #expect(all.count == JSONNames.countMax)
        let names = JSONNames(all.map { [$0] })
        let members = all.enumerated().reversed().map { "\"\($1)\":\($0)" }
        let text = "{\(members.joined(separator: ","))}"
        try JSONParser().withDocument(Array(text.utf8)) { root in
            let fields = JSONFields(root, names)
            for group in all.indices {
                var passed = 0
                #expect(fields.next(of: group, &passed)?.int64 == Int64(group))
            }
        }
    }

    @Test func `a value that was kept traps, whoever parses where its parser was`() async {
        await #expect(processExitsWith: .failure) {
            let kept = try JSONParser().withDocument(Array("[1]".utf8)) { $0 }
            // Takes over what the first one counted with.
            let next = JSONParser()
            try next.withDocument(Array("[2]".utf8)) { _ in _ = kept.kind }
        }
    }
}

/// Texts that nothing has to be made of are told from others by looking at eight bytes at a time.
@Suite struct PlainStringTests {
    private static func plain(_ text: String, max: Int = 100, isTrimmed: Bool = true) -> String? {
        var writer = JSONWriter()
        writer.value(text)
        return try? JSONParser().withDocument(writer.bytes) {
            $0.plainString(bytesMax: max, isTrimmed: isTrimmed)
        }
    }

    @Test(arguments: 1...20)
    func `a control character is seen at every place`(count: Int) {
        for place in 0..<count {
            for control: UInt8 in [0x00, 0x09, 0x0A, 0x1F, 0x7F] {
                var bytes = [UInt8](repeating: UInt8(ascii: "~"), count: count)
                bytes[place] = control
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(Self.plain(text, isTrimmed: false) == nil, "\(control) at \(place)")
            }
        }
    }

    @Test func `what stands beside control characters is none`() {
        for byte: UInt8 in [0x20, 0x21, 0x7E] {
            let middle = String(decoding: [UInt8](repeating: byte, count: 9), as: UTF8.self)
            let text = "x\(middle)x"
            #expect(Self.plain(text) == text)
        }
        for text in ["x\u{80}\u{9F}\u{A0}ÿx", "x🙂🙂🙂x", "x\u{FF}\u{7FF}\u{FFFF}x"] {
            #expect(Self.plain(text) == text)
        }
    }

    @Test func `ends and length count`() {
        #expect(Self.plain("abc", max: 3) == "abc")
        #expect(Self.plain("abc", max: 2) == nil)
        #expect(Self.plain("") == nil)
        #expect(Self.plain(" a") == nil)
        #expect(Self.plain("a ") == nil)
        #expect(Self.plain("aé") == nil)
        #expect(Self.plain(" a ", isTrimmed: false) == " a ")
    }

    @Test(arguments: 1...20)
    func `what has to be escaped is, at every place`(count: Int) throws {
        for place in 0..<count {
            for byte: UInt8 in [0x00, 0x1F, 0x22, 0x5C] {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                bytes[place] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                var writer = JSONWriter()
                writer.value(text)
                #expect(writer.bytes.count > count + 2, "\(byte) at \(place)")
                #expect(try JSONTree(parsing: writer.bytes).string == text)
            }
        }
    }
}
