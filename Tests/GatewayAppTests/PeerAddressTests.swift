import GatewayApp
import HTTPServer
import Testing

@Suite struct PeerAddressTests {
    private static let proxies = ["10.0.0.0/8", "::1"].compactMap { AddressRange($0) }

    private func sender(
        _ connection: String, forwardedFor: [String] = [], forwarded: [String] = [],
        trusted: [AddressRange] = proxies
    ) -> String {
        PeerAddress.sender(
            connection: connection,
            hops: ForwardedHops(forwardedFor: forwardedFor, forwarded: forwarded),
            trusted: trusted)
    }

    @Test(
        arguments: [
            ("203.0.113.9:5000", [], "203.0.113.9"),
            ("203.0.113.9:5000", ["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1:5000", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1:5000", ["198.51.100.66, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1:5000", ["198.51.100.66", "198.51.100.1,10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1:5000", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1:5000", ["198.51.100.66", "nonsense"], "10.0.0.1"),
            ("10.0.0.1:5000", ["198.51.100.66", ""], "198.51.100.66"),
            ("10.0.0.1:5000", ["198.51.100.66\u{600}, 198.51.100.1"], "198.51.100.1"),
            ("[::1]:9", ["198.51.100.1:1234"], "198.51.100.1"),
            ("[::1]:9", ["[2001:db8::1]:1234"], "2001:db8::1"),
            ("10.0.0.1:5000", ["nonsense"], "10.0.0.1"), ("unix", ["198.51.100.1"], "unix"),
        ] as [(String, [String], String)])
    func `only a trusted proxy is believed, hop by hop`(
        connection: String, lines: [String], expected: String
    ) {
        #expect(sender(connection, forwardedFor: lines) == expected)
    }

    @Test(
        arguments: [
            (["for=198.51.100.1"], "198.51.100.1"),
            (["For=\"198.51.100.1:80\";proto=https;by=_me"], "198.51.100.1"),
            (["proto=https ; FOR = 198.51.100.1"], "10.0.0.1"),
            (["for=\"198.51.100.1:_port\" ;host=\"a,b;for=6.6.6.6\""], "198.51.100.1"),
            (["for=\"[2001:db8::1]:4711\""], "2001:db8::1"),
            (["for=\"[2001:db8::1]\", for=10.0.0.2"], "2001:db8::1"),
            (["for=6.6.6.6, for=198.51.100.1;by=10.0.0.9,for=10.0.0.2"], "198.51.100.1"),
            (["for=6.6.6.6", "for=198.51.100.1"], "198.51.100.1"),
            (["for=198.51.100.1", "for=10.0.0.2"], "198.51.100.1"),
            (["for=\"198\\.51.100.1\""], "198.51.100.1"),
            (["for=198.51.100.1, , for=10.0.0.2,"], "198.51.100.1"),
            (["for=198.51.100.1;;proto=http"], "198.51.100.1"),
            // Who is hidden, or not named: the last hop known stands for the sender.
            (["for=6.6.6.6, for=unknown"], "10.0.0.1"), (["for=6.6.6.6, for=_hidden"], "10.0.0.1"),
            (["for=6.6.6.6, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            (["for=6.6.6.6, proto=https"], "10.0.0.1"), ([""], "10.0.0.1"),
            (["for=\"2001:db8::1\""], "10.0.0.1"), (["for=\"[198.51.100.1]\""], "10.0.0.1"),
            (["for=\"[2001:db8::1]4711\""], "10.0.0.1"), (["for=\"[2001:db8::1]:\""], "10.0.0.1"),
            (["for=\"[2001:db8::1\""], "10.0.0.1"), (["for=\"198.51.100.1:123456\""], "10.0.0.1"),
            (["for=\"198.51.100.1:_\""], "10.0.0.1"), (["for=\"\""], "10.0.0.1"),
        ] as [([String], String)])
    func `the standard field is read likewise`(lines: [String], expected: String) {
        #expect(sender("10.0.0.1:5000", forwarded: lines) == expected)
        #expect(sender("203.0.113.9:5000", forwarded: lines) == "203.0.113.9")
    }

    @Test(arguments: [
        "for=6.6.6.6;a=\"", "for=6.6.6.6;a=\"x\\", "for=6.6.6.6;a=", "for=6.6.6.6;=b",
        "for=6.6.6.6;for=6.6.6.6", "for=6.6.6.6 for=1", "6.6.6.6", "for=[2001:db8::1]",
        "for=6.6.6.6:80",
        "for=6.6.6.6;a=\"b\"c", "for=6.6.6.6;a=\u{e9}",
    ])
    func `a line that is malformed tells nothing, nor do those before it`(line: String) {
        #expect(sender("10.0.0.1:5000", forwarded: [line]) == "10.0.0.1")
        #expect(sender("10.0.0.1:5000", forwarded: ["for=6.6.6.6", line]) == "10.0.0.1")
        // A proxy that adds to the line of its client can't be made to vouch for it.
        for added in ["for=198.51.100.1", "for=\"[2001:db8::7]\";by=\"[::1]\""] {
            let sender = sender("10.0.0.1:5000", forwarded: [line + ", " + added])
            #expect(["10.0.0.1", "198.51.100.1", "2001:db8::7"].contains(sender), "\(line)")
        }
    }

    @Test func `where both fields stand the usual one is read, the other never`() {
        let both = sender(
            "10.0.0.1:5000", forwardedFor: ["198.51.100.1"], forwarded: ["for=6.6.6.6"])
        #expect(both == "198.51.100.1")
        #expect(
            sender("10.0.0.1:5000", forwardedFor: ["nonsense"], forwarded: ["for=6.6.6.6"])
                == "10.0.0.1")
    }

    @Test func `both are found in a head, in however many lines`() throws {
        let fields: [HTTPField] = [
            HTTPField("x-Forwarded-for", "6.6.6.6"), HTTPField("Forwarded", "for=7.7.7.7"),
            HTTPField("X-Forwarded-For", "198.51.100.1"), HTTPField("X-Forwarded", "for=8.8.8.8"),
        ]
        let head = try HTTPRequestHead(.get, "/", fields: fields)
        #expect(ForwardedHops(head).fromRight == ["198.51.100.1", "6.6.6.6"])
        let standard = try HTTPRequestHead(.get, "/", fields: [fields[1]])
        #expect(ForwardedHops(standard).fromRight == ["7.7.7.7"])
        #expect(ForwardedHops(try HTTPRequestHead(.get, "/")) == .none)
    }

    @Test func `without trusted proxies nothing is believed`() {
        #expect(sender("10.0.0.1:5000", forwardedFor: ["6.6.6.6"], trusted: []) == "10.0.0.1")
    }
}
