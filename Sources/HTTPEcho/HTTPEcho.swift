import EventLoop
import HTTPServer

/// `http-echo ADDRESS`: the HTTP server by itself, so that it can be tried byte by byte.
///
/// Serves until a signal ends it, and is no part of what is shipped.
@main
enum HTTPEcho {
    /// EX_USAGE (sysexits.h).
    private static let usageStatus: Int32 = 64

    /// Kept alive until the process ends.
    @LoopActor private static var server: HTTPServer?

    static func main() {
        guard CommandLine.arguments.count == 2,
            let address = ListenAddress(CommandLine.arguments[1])
        else {
            fail("usage: http-echo HOST:PORT|unix:PATH", usageStatus)
        }
        LoopActor.spawn { serve(address) }
        LoopActor.executor.run()
    }

    @LoopActor
    private static func serve(_ address: ListenAddress) {
        do {
            let listener = try listener(at: address)
            let server = HTTPServer(routes: EchoRoutes().routes)
            try server.serve(listener)
            self.server = server
            try StandardStream.output.write("http-echo listening on \(listener.boundAddress)\n")
        } catch {
            fail("http-echo can't serve \(address): \(error)", 1)
        }
    }

    /// Connections that may wait; more than any test opens at once.
    private static let backlog = 4_096

    @LoopActor
    private static func listener(at address: ListenAddress) throws(UVError) -> Listener {
        switch address {
        case .tcp(let host, let port): try .tcp(host: host, port: port, backlog: backlog)
        case .unix(let path): try .unix(path: path, backlog: backlog)
        }
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        try? StandardStream.error.write(message + "\n")  // Nobody is left to tell.
        ProcessExit.now(status)
    }
}
