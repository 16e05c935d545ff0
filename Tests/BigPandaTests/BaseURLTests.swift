import BigPanda
import Testing

@Suite struct BaseURLTests {
    @Test(arguments: [
        ("https://api.bigpanda.io", "https://api.bigpanda.io"),
        ("https://api.bigpanda.io/", "https://api.bigpanda.io"),
        ("https://api.bigpanda.io///", "https://api.bigpanda.io"),
        ("HTTPS://API.example", "https://API.example"),
        ("https://proxy.example:8443/bigpanda/", "https://proxy.example:8443/bigpanda"),
        ("https://10.0.0.1", "https://10.0.0.1"),
        ("https://[2001:db8::1]:1", "https://[2001:db8::1]:1"),
        ("https://under_score.example", "https://under_score.example"),
        ("http://127.0.0.1:9090", "http://127.0.0.1:9090"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://[::1]:9090/", "http://[::1]:9090"), ("http://localhost", "http://localhost"),
        ("http://LOCALHOST:80", "http://LOCALHOST:80"),
    ])
    func `an address is taken without the slash at its end`(
        text: String, expected: String
    ) throws {
        let url = try BaseURL(text)
        #expect(url.text == expected)
        #expect(url.isPlain == expected.hasPrefix("http://"))
        #expect(!url.isPlain || url.isLoopback)
    }

    @Test(
        arguments: [
            ("", .badScheme), ("api.bigpanda.io", .badScheme), ("ftp://x", .badScheme),
            ("https:/x", .badScheme), ("file:///etc/passwd", .badScheme), ("//x", .badScheme),
            ("http://api.bigpanda.io", .plainBeyondLoopback),
            ("http://10.0.0.1", .plainBeyondLoopback),
            ("http://127.example.org", .plainBeyondLoopback),
            ("http://127.0.0.1.example.org", .plainBeyondLoopback),
            ("http://127.1", .plainBeyondLoopback), ("http://127.0.0.256", .plainBeyondLoopback),
            ("http://128.0.0.1", .plainBeyondLoopback),
            ("http://localhost.x", .plainBeyondLoopback),
            ("http://[::2]", .plainBeyondLoopback), ("http://0.0.0.0", .plainBeyondLoopback),
            ("https://user@x", .hasUser), ("https://user:pass@x", .hasUser),
            ("http://127.0.0.1@evil.example", .hasUser),
            ("https://x?y", .hasQueryOrFragment), ("https://x/#y", .hasQueryOrFragment),
            ("https://", .badHost), ("https:///x", .badHost), ("https://:80", .badHost),
            ("https://x:0", .badHost), ("https://x:65536", .badHost), ("https://x:", .badHost),
            ("https://x:8o", .badHost), ("https://x:+80", .badHost), ("https://x:1:2", .badHost),
            ("https://.x", .badHost), ("https://x.", .badHost), ("https://x..y", .badHost),
            ("https://[::1", .badHost), ("https://[x]", .badHost), ("https://[::1]x", .badHost),
            ("https://[::g]", .badHost), ("https://[fe80::1%25eth0]", .badHost),
            ("https://a%2fb", .badHost), ("https://a,b", .badHost),
            ("https://x/../y", .badPath), ("https://x/.", .badPath),
            ("https://x y", .badCharacter), ("https://x\r\nHost: y", .badCharacter),
            ("https://x\\y", .badCharacter), ("https://ex\u{E4}mple", .badCharacter),
            ("https://x\0", .badCharacter), (" https://x", .badCharacter),
            ("https://" + String(repeating: "x", count: 2_048), .tooLong),
        ] as [(String, BaseURLError)])
    func `an address that could lead a key astray is refused`(text: String, error: BaseURLError) {
        #expect(throws: error) { try BaseURL(text) }
    }

    @Test(arguments: BaseURLError.allCases)
    func `an error says what to do`(_ error: BaseURLError) {
        #expect(error.description.hasPrefix("must "))
        #expect(error.description.hasSuffix("."))
    }

    @Test(arguments: BigPandaRegion.allCases)
    func `regions have addresses that can be used`(_ region: BigPandaRegion) throws {
        #expect(try BaseURL(region.baseURL).text == region.baseURL)
    }

    @Test func `the regions are BigPanda's`() {
        #expect(BigPandaRegion(rawValue: "us")?.baseURL == "https://api.bigpanda.io")
        #expect(BigPandaRegion(rawValue: "eu")?.baseURL == "https://eu-api.bigpanda.io")
        #expect(BigPandaRegion(rawValue: "ap") == nil)
    }
}
