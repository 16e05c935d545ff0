import Testing

@Suite struct CodeBlankerTests {
    @Test(
        arguments: [
            ("let a = 1 // print(a)", "let a = 1            "),
            ("a /* b /* c */ d */ e", "a                   e"),
            (#"f("print(x)")"#, #"f("        ")"#),
            (#"f("\"print(x)")"#, #"f("          ")"#),
            (##"f(#"a"b\n"#, c)"##, ##"f(#"     "#, c)"##),
            (#"f("a\(b(c) + "d\(e)")g")"#, #"f("  (b(c) + "  (e)") ")"#),
            (##"f(#"a\(b)\#(c)"#)"##, ##"f(#"       (c)"#)"##),
            ("func `a \"quoted\" name`() {}", "func `               `() {}"),
            ("let c = \"//\"; d", "let c = \"  \"; d"),
        ]
    )
    func `comments and literals become spaces`(source: String, code: String) {
        let blanker = CodeBlanker(Array(source.utf8))
        #expect(String(decoding: blanker.output, as: UTF8.self) == code)
    }

    @Test func `lines stay where they were`() {
        let source = "a\n\"\"\"\n\"b\" // c\n\\(d)\n\"\"\"\n/* e\n*/ f"
        let code = String(decoding: CodeBlanker(Array(source.utf8)).output, as: UTF8.self)
        #expect(code == "a\n\"\"\"\n        \n (d)\n\"\"\"\n    \n   f")
    }

    @Test func `the lines with a comment are known`() {
        let source = "a // b\n\"// c\"\n// d"
        #expect(CodeBlanker(Array(source.utf8)).commentLines == [0, 2])
    }

    @Test(arguments: ["\"", "/*", "`", "#\"", "\"\"\"", "\"\\(", "\\"])
    func `an unfinished construct ends with the file`(source: String) {
        #expect(CodeBlanker(Array(source.utf8)).output.count == source.utf8.count)
    }
}

@Suite struct SourceFileTests {
    @Test func `code becomes words and signs with their lines`() {
        let file = SourceFile(path: "Sources/A/B.swift", text: "let a_1 = b.c\n\n}")
        #expect(file.tokens.map(\.text) == ["let", "a_1", "=", "b", ".", "c", "}"])
        #expect(file.tokens.map(\.line) == [0, 0, 0, 0, 0, 0, 2])
    }

    @Test func `a path tells area, target and name`() {
        let file = SourceFile(path: "Tests/ATests/B/C.swift", text: "")
        #expect([file.area, file.target, file.name] == ["Tests", "ATests", "C.swift"])
        let topLevel = SourceFile(path: "Makefile", text: "")
        #expect([topLevel.area, topLevel.target, topLevel.name] == ["Makefile", "", "Makefile"])
    }

    @Test func `a function's lines run from its first word to its brace`() {
        let text = """
            protocol P {
                func asked(a: Int)
                var x: Int { get }
            }
            struct S: P {
                let closure = { 1 }
                init(
                    a: Int = { 1 }()
                ) {
                    self.init()
                }
                var x: Int {
                    1
                }
            }
            """
        let file = SourceFile(path: "Sources/A/B.swift", text: text)
        let lines = file.bodies.map { [$0.firstLine, $0.lastLine] }
        #expect(lines == [[2, 2], [6, 10], [11, 13]])
    }

    @Test(
        arguments: [
            ("func a()", "a()"),
            ("func a(_ b: Int, at c: [String: Int] = [:])", "a(_:at:)"),
            ("func a<B: C>(b: (B, B) -> Int)", "a(b:)"),
            ("func == (a: Self, b: Self)", "==(_:_:)"),
            ("init?(rawValue: String)", "init(rawValue:)"),
            ("subscript(index: Int) -> Int", "subscript(index:)"),
            ("var a: Int", "a"),
        ]
    )
    func `a declaration's name carries its labels`(source: String, name: String) {
        let file = SourceFile(path: "Sources/A/B.swift", text: source)
        #expect(file.declaredName(at: 0) == name)
    }
}
