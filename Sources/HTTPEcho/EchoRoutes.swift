import EventLoop
import HTTPServer

/// Answers every request with what came in, so that a test sees what the server made of its bytes.
@LoopActor
final class EchoRoutes {
    /// Bytes of a request's content; little enough for a test to send more.
    private static let bodyBytesMax = 1_048_576

    /// Requests that the server handed over whole, `/handled` itself left out.
    private var handledCount = 0

    init() {}

    var routes: HTTPRoutes {
        var routes = HTTPRoutes()
        routes.addSync(nil, "/{path...}", bodyBytesMax: Self.bodyBytesMax) { request, _ in
            self.handledCount += 1
            return HTTPResponse(.ok, contentType: "application/octet-stream", body: request.body)
        }
        routes.addSync(nil, "/echo", bodyBytesMax: Self.bodyBytesMax) { request, _ in
            self.handledCount += 1
            return .text(.ok, Self.fields(of: request.head))
        }
        routes.addSync(.get, "/handled") { _, _ in .text(.ok, "\(self.handledCount)") }
        return routes
    }

    /// The request's field lines, in the order they came.
    private static func fields(of head: HTTPRequestHead) -> String {
        var text = ""
        head.forEachField { name, value in text += "\(name): \(value)\n" }
        return text
    }
}
