import HTTPServer
import Testing

@testable import GatewayApp

@Suite struct SignInLimiterTests {
    private let start = ContinuousClock.now

    @Test func `ten failures are let through, then one every half minute`() {
        var limiter = SignInLimiter(at: start)
        for _ in 0..<10 {
            #expect(limiter.wait(of: "192.0.2.1", at: start) == nil)
            limiter.failed("192.0.2.1", at: start)
        }
        #expect(limiter.wait(of: "192.0.2.1", at: start) == .seconds(30))
        #expect(limiter.wait(of: "192.0.2.1", at: start + .seconds(29)) == .seconds(1))
        #expect(limiter.wait(of: "192.0.2.1", at: start + .seconds(30)) == nil)
        limiter.failed("192.0.2.1", at: start + .seconds(30))
        #expect(limiter.wait(of: "192.0.2.1", at: start + .seconds(31)) == .seconds(29))
    }

    @Test func `a program that goes on with one old token guesses nothing`() {
        var limiter = SignInLimiter(at: start)
        let (old, other) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        var counted = [limiter.failed("192.0.2.1", at: start, guess: old)]
        for _ in 0..<100 { counted.append(limiter.failed("192.0.2.1", at: start, guess: old)) }
        #expect(counted == [true] + [Bool](repeating: false, count: 100))
        #expect(limiter.wait(of: "192.0.2.1", at: start) == nil)
        counted = [other, old, other, old, other, old, other, old, other].map {
            limiter.failed("192.0.2.1", at: start, guess: $0)
        }
        #expect(counted == [Bool](repeating: true, count: 9))
        #expect(limiter.wait(of: "192.0.2.1", at: start) != nil)
    }

    @Test func `nobody is held up by another address, but by very many`() {
        var limiter = SignInLimiter(at: start)
        for number in 0..<200 {
            #expect(limiter.wait(of: "198.51.100.1", at: start) == nil)
            limiter.failed("192.0.2.\(number)", at: start)
        }
        #expect(limiter.wait(of: "198.51.100.1", at: start) == .seconds(1))
        // Whom the API lets in does not depend on others.
        #expect(limiter.wait(of: "198.51.100.1", at: start, isAlone: true) == nil)
        #expect(limiter.wait(of: "198.51.100.1", at: start + .seconds(1)) == nil)
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db8::2", true), ("2001:db8::1", "2001:db8:0:0:ffff::1", true),
        ("2001:db8::1", "2001:db8:0:1::1", false), ("unix", "unix", true),
        ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "192.0.2.1", false),
    ])
    func `a network of one sender is one sender`(first: String, second: String, isOne: Bool) {
        var limiter = SignInLimiter(at: start)
        for _ in 0..<10 { limiter.failed(first, at: start) }
        #expect((limiter.wait(of: second, at: start) != nil) == isOne)
    }

    @Test func `addresses beyond those told apart share one bucket`() {
        var limiter = SignInLimiter(at: start)
        for number in 0..<4096 {
            limiter.failed("10.0.\(number / 256).\(number % 256)", at: start)
        }
        for number in 0..<200 { limiter.failed("10.9.9.\(number)", at: start) }
        // By then the bucket of all is no longer full, and that of the strangers still is.
        let later = start + .seconds(2100)
        #expect(limiter.wait(of: "10.0.0.1", at: later) == nil)
        #expect(limiter.wait(of: "10.8.8.8", at: later) == .seconds(121 * 30))
        #expect(limiter.wait(of: "10.8.8.8", at: later, isAlone: true) == nil)
    }
}

@Suite struct SessionCookieTests {
    private static let value = String(repeating: "a", count: 43)

    @Test(arguments: [
        ("gateway_session=\(value)", true), ("a=b; gateway_session=\(value)", true),
        ("a=b;gateway_session=\(value) ; c", true), ("xgateway_session=\(value)", false),
        ("gateway_session=\(value)a", false), ("gateway_session=", false), ("", false),
        ("gateway_session", false), ("Gateway_Session=\(value)", false),
        ("gateway_session=short; gateway_session=\(value)", true),
    ])
    func `a session's cookie is found by its name`(line: String, isFound: Bool) {
        let found = SessionCookie.value(of: "gateway_session", in: line)
        #expect(found == (isFound ? Self.value : nil))
    }

    @Test func `over https the cookie has a name that says so`() {
        let token = SessionToken(text: Self.value)
        let secure = SessionCookie.field(token, isSecure: true).value
        #expect(
            secure == "__Host-gateway_session=\(Self.value); Path=/; HttpOnly; "
                + "SameSite=Strict; Secure")
        let plain = SessionCookie.removal(isSecure: false).value
        #expect(plain == "gateway_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict")
    }

    @Test(
        arguments: [
            (true, true, nil, true), (true, true, "http://10.0.0.1", true),
            (false, true, nil, false), (false, true, "https://a.example", true),
            (true, false, nil, true), (true, false, "http://127.0.0.1:8081", false),
            (false, false, "https://admin.example", true), (false, false, nil, false),
        ] as [(Bool, Bool, String?, Bool)])
    func `whether a cookie is for https alone follows from how browsers come`(
        isPublicSecure: Bool, isPublic: Bool, origin: String?, isSecure: Bool
    ) throws {
        let fields = origin.map { [HTTPField("Origin", $0)] } ?? []
        let head = try HTTPRequestHead(.post, "/v1/session", fields: fields)
        let site = SiteAddress(isPublicSecure: isPublicSecure, isPublic: isPublic)
        #expect(site.isSecure(for: head) == isSecure)
    }
}
