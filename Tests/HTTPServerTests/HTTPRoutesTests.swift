import EventLoop
import Testing

@testable import HTTPServer

@Suite struct HTTPRoutesTests {
    private let routes: HTTPRoutes = {
        var routes = HTTPRoutes()
        let patterns: [(HTTPMethod?, String)] = [
            (.get, "/"), (.get, "/v1/alerts"), (.post, "/v1/alerts"), (.get, "/v1/alerts/{id}"),
            (.patch, "/v1/alerts/{id}"), (.post, "/v1/alerts/{id}/resolve"),
            (.get, "/v1/alerts/sources"), (.get, "/assets/{path...}"), (nil, "/any/{path...}"),
            (.get, "/{a}/{b}/x"), (.delete, "/any/fixed"),
        ]
        for (method, pattern) in patterns {
            routes.addSync(method, pattern) { _, _ in .noContent }
        }
        return routes
    }()

    /// The pattern matched, or a word for what happened instead.
    private func match(_ method: HTTPMethod, _ target: String) throws -> (String, RouteParameters?)
    {
        let head = try HTTPRequestHead(method, target)
        return switch routes.match(head.storage) {
        case .found(let route, let parameters): (route.pattern, parameters)
        case .notFound: ("404", nil)
        case .methodNotAllowed(let allow, _, _): ("405 \(allow)", nil)
        case .options(let allow): ("204 \(allow)", nil)
        case .undecodable: ("400", nil)
        }
    }

    @Test(arguments: [
        ("/", "/"), ("/v1/alerts", "/v1/alerts"), ("/v1/alerts?x=/y", "/v1/alerts"),
        ("/v1/alerts/7", "/v1/alerts/{id}"), ("/v1/alerts/sources", "/v1/alerts/sources"),
        ("/v1/alerts/", "404"), ("/v1/alerts/7/", "404"), ("/v1", "404"), ("/v1/", "404"),
        ("//", "404"), ("/V1/alerts", "404"), ("/v1/alert", "404"), ("/v1/alertss", "404"),
        ("/assets/", "/assets/{path...}"), ("/assets/a/b.css", "/assets/{path...}"),
        ("/assets", "404"), ("/v1/alerts/x", "/v1/alerts/{id}"), ("/v1/other/x", "/{a}/{b}/x"),
        ("http://a", "/"), ("http://a/v1/alerts", "/v1/alerts"), ("http://a?b", "/"),
        ("/v1/alerts/%zz", "400"), ("/v1/alerts/%ff", "400"), ("/v1/%61lerts", "404"),
    ])
    func `a path finds its route`(target: String, expected: String) throws {
        #expect(try match(.get, target).0 == expected)
    }

    @Test func `parameters are decoded`() throws {
        let one = try #require(try match(.get, "/v1/alerts/a%2Fb%20c").1)
        #expect(one["id"] == "a/b c")
        #expect(one["other"] == nil)
        let tail = try #require(try match(.get, "/assets/css/a%C3%A9.css").1)
        #expect(tail["path"] == "css/aé.css")
        let two = try #require(try match(.get, "/v1/other/x").1)
        #expect(two["a"] == "v1" && two["b"] == "other")
    }

    @Test(arguments: [
        (HTTPMethod.delete, "/v1/alerts", "405 GET, HEAD, POST, OPTIONS"),
        (.put, "/v1/alerts/7", "405 GET, HEAD, PATCH, OPTIONS"),
        (.get, "/v1/alerts/7/resolve", "405 POST, OPTIONS"),
        (.trace, "/", "405 GET, HEAD, OPTIONS"),
        (.options, "/v1/alerts", "204 GET, HEAD, POST, OPTIONS"),
        (.options, "/nowhere", "404"),
        (.options, "/any/x", "204 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (.head, "/v1/alerts", "/v1/alerts"),
        (.head, "/v1/alerts/7/resolve", "405 POST, OPTIONS"),
        (.delete, "/any/fixed", "/any/fixed"),
        (.patch, "/any/x/y", "/any/{path...}"),
        (.trace, "/any/x", "405 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    ])
    func `a method finds its route, or what is allowed`(
        method: HTTPMethod, target: String, expected: String
    ) throws {
        #expect(try match(method, target).0 == expected)
    }

    @Test(arguments: [(HTTPMethod.options, "*", "204"), (.connect, "a:1", "405")])
    func `a target without a path speaks of the whole server`(
        method: HTTPMethod, target: String, status: String
    ) throws {
        let expected = "\(status) GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        #expect(try match(method, target).0 == expected)
    }

    @Test func `a second route for the same method and pattern traps`() async {
        await #expect(processExitsWith: .failure) {
            var routes = HTTPRoutes()
            routes.addSync(.get, "/a") { _, _ in .noContent }
            routes.addSync(.get, "/a") { _, _ in .noContent }
        }
    }
}
