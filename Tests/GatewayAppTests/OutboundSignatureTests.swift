import Alerts
import HTTPServer
import Testing

@testable import GatewayApp

@Suite struct OutboundSignatureTests {
    private let secret = SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    /// The example of the Standard Webhooks libraries' own tests.
    @Test func `the published example has its signature`() {
        let field = OutboundSignature.field(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330,
            body: #"{"test": 2432232314}"#, secrets: [secret])
        #expect(field == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `each secret has its signature, with blanks between`() throws {
        let other = try OutboundSignature.newSecret()
        let field = OutboundSignature.field(
            id: "msg_1", seconds: 1, body: "{}", secrets: [other, secret])
        let parts = field.split(separator: " ")
        try #require(parts.count == 2)
        #expect(parts.allSatisfy { $0.hasPrefix("v1,") && $0.utf8.count == 47 })
        #expect(parts[0] != parts[1])
        let one = OutboundSignature.field(id: "msg_1", seconds: 1, body: "{}", secrets: [secret])
        #expect(parts[1] == one)
    }

    @Test func `a new secret has 32 bytes and is another each time`() throws {
        let (one, two) = (
            try OutboundSignature.newSecret(), try OutboundSignature.newSecret()
        )
        #expect(one != two)
        #expect(one.secretText.hasPrefix("whsec_"))
        #expect(one.secretText.utf8.count == 6 + 44)
    }
}

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2002:7f00:1::", "fc00::1",
        "fd00:ec2::254", "fe80::1", "ff02::1", "2001:db8::1", "2001::1", "100::1",
    ])
    func `an address that is not the Internet's is refused`(text: String) throws {
        let address = try #require(Self.bytes(text))
        #expect(!AddressPolicy.isPublic(address))
        #expect(!AddressPolicy().admits(address, isPlain: false))
        #expect(AddressPolicy.all.admits(address, isPlain: true))
    }

    @Test(arguments: [
        "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
        "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ])
    func `a public address is admitted, but not without TLS`(text: String) throws {
        let address = try #require(Self.bytes(text))
        #expect(AddressPolicy().admits(address, isPlain: false))
        #expect(!AddressPolicy().admits(address, isPlain: true))
    }

    @Test func `what is allowed is admitted, also in the guise of IPv6`() throws {
        let range = try #require(AddressRange("10.1.0.0/16"))
        let policy = AddressPolicy(allowing: [range])
        for text in ["10.1.255.1", "::ffff:10.1.0.1"] {
            #expect(policy.admits(try #require(Self.bytes(text)), isPlain: true))
        }
        for text in ["10.2.0.1", "127.0.0.1", "::1"] {
            #expect(!policy.admits(try #require(Self.bytes(text)), isPlain: false))
        }
        #expect(policy.allowsPrivate)
        #expect(!AddressPolicy().allowsPrivate)
    }

    /// The bytes that the system makes of an address, an IPv4-mapped one's sixteen included.
    private static func bytes(_ text: String) -> [UInt8]? {
        guard let bytes = IPAddress.bytes(of: text) else { return nil }
        guard text.hasPrefix("::ffff:") else { return bytes }
        return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes
    }
}

@Suite struct EndpointURLTests {
    private let policy = AddressPolicy()

    @Test(arguments: [
        "https://hooks.example.org/bigpanda", "https://hooks.example.org:8443/a?b=c%20d",
        "HTTPS://EXAMPLE.ORG", "https://[2606:2800:220:1::1]/x", "https://1.1.1.1",
    ])
    func `a URL of a public host is taken`(url: String) throws {
        try EndpointURL.check(url, policy)
    }

    @Test(arguments: [
        ("ftp://example.org/", "invalid_field"), ("https://", "invalid_field"),
        ("https:///path", "invalid_field"), ("https://user:pw@example.org/", "invalid_field"),
        ("https://example.org/#a", "invalid_field"), ("https://exa mple.org/", "invalid_field"),
        ("https://example.org/\u{e9}", "invalid_field"), ("example.org", "invalid_field"),
        ("http://example.org/", "insecure_url"), ("https://127.0.0.1/", "address_refused"),
        ("https://[::1]:443/", "address_refused"),
        ("https://[::ffff:169.254.169.254]/", "address_refused"),
    ])
    func `what can't be an endpoint is refused with a reason`(url: String, code: String) {
        let problem = #expect(throws: EndpointURL.Problem.self) {
            try EndpointURL.check(url, policy)
        }
        #expect(problem?.code == code)
    }

    @Test(arguments: ["https://user:pw@example.org/", "https://a@[::1]/", "http://@example.org"])
    func `who shows a user is told that`(url: String) {
        let problem = #expect(throws: EndpointURL.Problem.self) {
            try EndpointURL.check(url, policy)
        }
        #expect(problem?.reason == "must be without user and password.")
    }

    @Test(arguments: [
        "https://ex*mple.org", "https://example.org*", "https://example.org:", "https://a..b/",
        "https://.example.org", "https://example.org.", "https://example.org:0/",
        "https://example.org:65536", "https://example.org:000443", "https://[1.2.3.4]/",
        "https://[:::]/", "https://[::1", "https://[2606:2800:220:1::1]x/", "https://?a",
    ])
    func `what names no host is refused`(url: String) throws {
        let problem = #expect(throws: EndpointURL.Problem.self) {
            try EndpointURL.check(url, policy)
        }
        let reason = try #require(problem?.reason)
        #expect(reason.hasPrefix("must name a host, with a port of 1 to 65535 if any, not "))
        let seen = try #require(reason.dropLast().split(separator: " ").last)
        #expect(seen == "nothing" || url.contains(seen))
    }

    @Test(arguments: [
        "https://hooks.example.org:8443/a?b=c%20d", "HTTPS://EXAMPLE.ORG?a", "https://1.1.1.1",
        "https://[2606:2800:220:1::1]:443/x", "http://a_b-c.d:1/",
    ])
    func `every URL that is taken matches the document's pattern`(url: String) throws {
        let allowing = AddressPolicy(allowing: [try #require(AddressRange("0.0.0.0/0"))])
        let pattern = try Regex(EndpointURL.pattern)
        var taken = 0
        for place in url.indices {
            for code: UInt8 in 0...0x7F {
                let character = Character(UnicodeScalar(code))
                for rest in [url[place...], url[url.index(after: place)...]] {
                    let spoiled = "\(url[..<place])\(character)\(rest)"
                    guard (try? EndpointURL.check(spoiled, allowing)) != nil else { continue }
                    taken += 1
                    #expect(spoiled.wholeMatch(of: pattern) != nil, "\(spoiled)")
                }
            }
        }
        #expect(taken > url.count)
    }

    @Test(arguments: [
        ("https://example.org/\\x", "\\"), ("https://example.org/#a", "#"),
        ("https://exa mple.org/", "U+20"), ("https://example.org/\u{e9}", "U+E9"),
    ])
    func `what can't stand in a URL is named`(url: String, stranger: String) {
        let problem = #expect(throws: EndpointURL.Problem.self) {
            try EndpointURL.check(url, policy)
        }
        #expect(
            problem?.reason == "must not contain \(stranger); write it percent-encoded.")
    }

    @Test func `plain HTTP is taken where private addresses are allowed`() throws {
        let allowing = AddressPolicy(allowing: [try #require(AddressRange("127.0.0.0/8"))])
        try EndpointURL.check("http://127.0.0.1:8/x", allowing)
        try EndpointURL.check("http://receiver.internal/x", allowing)
        let problem = #expect(throws: EndpointURL.Problem.self) {
            try EndpointURL.check("http://10.0.0.1/", allowing)
        }
        #expect(problem?.code == "address_refused")
    }

    @Test func `who may not change an endpoint sees its host`() {
        #expect(
            EndpointURL.masked("https://hooks.example.org:8443/services/T0/B0/XYZ?k=v")
                == "https://hooks.example.org:8443/…")
    }
}
