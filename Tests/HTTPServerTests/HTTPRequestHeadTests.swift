import Testing

@testable import HTTPServer

@Suite struct HTTPRequestHeadTests {
    private func head(_ target: String = "/", _ fields: HTTPField...) throws -> HTTPRequestHead {
        try HTTPRequestHead(.get, target, fields: fields)
    }

    @Test(arguments: [
        ("/a/b", "/a/b", nil), ("/a?", "/a", ""), ("/a?b=c?d", "/a", "b=c?d"),
        ("http://a.b:1/c?d", "/c", "d"), ("http://a", "/", nil), ("HTTPS://a?b", "/", "b"),
    ])
    func `a target falls into path and query`(
        target: String, path: String, query: String?
    ) throws {
        let head = try head(target)
        #expect(head.path == path)
        #expect(head.query == query)
    }

    @Test(arguments: [
        ("a=1&b=2", "b", "2"), ("a=1&a=2", "a", "1"), ("a", "a", ""), ("a=", "a", ""),
        ("a=b=c", "a", "b=c"), ("a=x+y%2B", "a", "x y+"), ("%61=1", "a", "1"), ("ab=1", "a", nil),
        ("a=%zz", "a", nil), ("a=%ff", "a", nil), ("&&a=1", "a", "1"), ("", "a", nil),
    ])
    func `a value is found in the query and decoded`(
        query: String, name: String, value: String?
    ) throws {
        #expect(try head("/?\(query)").queryValue(name) == value)
    }

    @Test func `a field is found whatever its case`() throws {
        let head = try head(
            "/", HTTPField("X-One", " 1\t"), HTTPField("x-one", "2"), HTTPField("X-Empty", ""))
        #expect(head.field("x-one") == "1")
        #expect(head.field("X-ONE") == "1")
        #expect(head.field("x-empty") == "")
        #expect(head.field("x-two") == nil)
        let count = head.withField("x-one") { $0?.count }
        #expect(count == 1)
        #expect(head.fieldCount == 4)
        var lines: [String] = []
        head.forEachField { lines.append("\($0)=\($1)") }
        #expect(lines == ["Host=localhost", "X-One=1", "x-one=2", "X-Empty="])
    }

    @Test(arguments: [
        ("application/json", "application/json"),
        (
            "Application/JSON ; charset=x",
            "application/json"
        ), ("text/html;x", "text/html"),
    ])
    func `a media type has no parameters and no capitals`(value: String, type: String) throws {
        #expect(try head("/", HTTPField("Content-Type", value)).mediaType == type)
    }

    @Test func `a later minor version is read like 1.1`() throws {
        let bytes = Array("GET /x HTTP/1.7\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        var scanner = HeadScanner(limits: HTTPLimits())
        _ = try scanner.scan(bytes.span)
        let storage = HeadStorage()
        try storage.fill(
            bytes.span, facts: scanner.facts, peer: "", reader: MessageReader(),
            table: HeadTable())
        #expect(HTTPRequestHead(storage).path == "/x")
        #expect(!HTTPRequestHead(storage).isKeepAlive)
    }

    @Test func `a head made by hand is checked like any other`() {
        #expect(throws: HeadFault.target) { try HTTPRequestHead(.get, "x") }
        #expect(throws: HeadFault.version) { try HTTPRequestHead(.get, "/a b") }
    }
}
