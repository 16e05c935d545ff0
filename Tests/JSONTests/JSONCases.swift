/// Documents on both sides of the grammar, sorted by what they probe.
enum JSONCases {
    static let valid: [String] =
        structures.valid + numbers.valid + strings.valid + literals.valid

    static let invalid: [String] =
        structures.invalid + numbers.invalid + strings.invalid + literals.invalid

    private static let structures = (
        valid: [
            "[]", "{}", " [ ] ", "\n{\t}\r\n", "[[]]", "[[],[[]]]", "[1,\n2]", "[ 1 , 2 ]",
            "{\"\":0}", "{\"a\":{}}", "{\"a\":[],\"b\":{}}", "{\"a\":1,\"a\":2}",
            "{\"a\\u0000b\":1}",
            "[null,1,\"x\",{}]", "{ \"a\" : 1 }", "[\"\",\"\"]",
        ],
        invalid: [
            "[", "]", "{", "}", "[,]", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1", "[1,", "[1}",
            "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1,,\"b\":2}", "{:1}", "{1:2}",
            "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1", "{\"a\":1]",
            "{\"a\"::1}", "{null:1}", "[]]", "{}}", "[][]", "{}{}", "1 2", "[1];", "[1]\u{0}",
            "{}#", "{}/**/", "[1]//x", "/*x*/[1]", "[\u{C}1]", "[\u{B}1]", "[1]\u{A0}", ",", ":",
            "[\u{2060}]", "<null>", "[\"a\":1]", "{\"a\",\"b\"}", "{[]:1}", "*", "\\", "\\u0031",
        ]
    )

    private static let numbers = (
        valid: [
            "0", "-0", "1", "-1", "10", "123456789", "0.5", "-0.0", "1.50", "1e1", "1E1", "1e+1",
            "1e-1", "0e0", "0e+9", "123.456e-78", "1e00", "9223372036854775807",
            "-9223372036854775808", "18446744073709551615", "1.7976931348623157e308", "5e-324",
            "1e-400", "0.\(String(repeating: "0", count: 400))1",
        ],
        invalid: [
            "-", "+1", "+", ".5", "-.5", "1.", "1.e1", "1e", "1e+", "1E-", "1e1.5", "01", "-01",
            "00", "-00", "0x1", "0x", "1_000", "1,000", "1 000", "Infinity", "-Infinity", "NaN",
            "nan", "inf", "1f", "1d", "1a", "--1", "++1", "1-1", "-a", "0.1.2", "0e", "0.e1",
            "1ee2",
            "1e1e1", "٣", "1١", "½", "１",
        ]
    )

    private static let strings = (
        valid: [
            "\"\"", "\"a\"", "\" \"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"/\"",
            "\"\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\uABCD\\uabcd\"", "\"\\u0000\"",
            "\"\\ud83d\\ude00\"", "\"\u{7F}\"", "\"é\"", "\"\u{2028}\u{2029}\"", "\"😀\"",
            "\"\u{FFFE}\u{10FFFF}\"", "\"\\ufffe\"", "\"\u{FEFF}\"", "\"\\\\u0041\"",
            "\"\\\\\\\"\"",
        ],
        invalid: [
            "\"", "\"a", "a\"", "'a'", "\"\\\"", "\"\\\\\\\"", "\"\\a\"", "\"\\x41\"", "\"\\'\"",
            "\"\\0\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"", "\"\\u12G4\"",
            "\"\\U0041\"",
            "\"\\u{41}\"", "\"\\u 041\"", "\"\\u-041\"", "\"\u{0}\"", "\"\u{1}\"", "\"\u{1F}\"",
            "\"\n\"", "\"\r\"", "\"\t\"", "\"a\"b\"", "\"\\", "\"\\u00", "\"\\ud800\\\"",
            "\"\\ud800\\u\"", "\"\\ud800\\u1\"", "\"\\ud800\\u1x\"", "\"\\\n\"", "\"\\é\"",
        ]
    )

    private static let literals = (
        valid: ["true", "false", "null", " null ", "[true,false,null]"],
        invalid: [
            "True", "TRUE", "tru", "truee", "true1", "fals", "falsy", "nul", "nulll", "nil",
            "undefined", "[truefalse]", "[true false]", "t", "f", "n", "[nul]", "[fals3]",
            "nul\u{0}l",
        ]
    )

    /// Documents that no `String` can hold.
    static let invalidBytes: [[UInt8]] = [
        [0xFF], [0x80], [0xC3], [0xEF, 0xBB, 0xBF], [0xEF, 0xBB, 0xBF, 0x7B, 0x7D],
        quoted([0x80]), quoted([0xC3]), quoted([0xC3, 0x28]), quoted([0xFF]), quoted([0xFE]),
        // Overlong forms of "/", a surrogate, and what lies beyond U+10FFFF.
        quoted([0xC0, 0xAF]), quoted([0xE0, 0x80, 0xAF]), quoted([0xF0, 0x80, 0x80, 0xAF]),
        quoted([0xED, 0xA0, 0x80]), quoted([0xF4, 0x90, 0x80, 0x80]), quoted([0xF8, 0x88, 0x80]),
        quoted([0xE2, 0x82]), quoted([0xF0, 0x9F, 0x98]), quoted([0x61, 0xE9]),
        [0x22, 0x61, 0xE2, 0x82], [0x5B, 0xE9, 0x5D],
        // UTF-16 with and without a mark.
        [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], [0x00, 0x5B, 0x00, 0x5D],
    ]

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x22] + bytes + [0x22] }

    /// A document with something of everything.
    static let webhook = """
        {"event":"incident#new","incident":{"id":"681102f731824249f48df555","active":true,\
        "flapping":false,"startedOn":1746000000,"ratio":-0.25e1,"endedOn":null,"tags":[\
        {"name":"host","value":"db-prod-1 \\u00e9\\n\\ud83d\\ude00"},{"name":"é","value":"😀"}],\
        "empty":[{},[]]}}
        """
}
