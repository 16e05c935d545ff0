import Alerts
import Curl
import EventLoop
import GatewayTesting
import HTTPServer
import JSON
import Logging
import TLS
import Testing

@testable import GatewayApp

@Suite struct OpenAPIDocumentTests {
    @Test func `what is served is described, and nothing else`() async throws {
        try await LoopFixture.run {
            let served = try Self.servedNames()
            // Not an operation: it tells who may look that there is no such path.
            let pages = (["/", PageRoutes.filePattern] + PageRoutes.patterns).map { "GET \($0)" }
            let expected = served.subtracting(pages + ["GET /v1/{rest...}"])
            #expect(expected.count > 20)
            #expect(Self.describedNames() == expected)
        }
    }

    @Test func `every reference leads somewhere and every schema is used`() {
        let tree = OpenAPIDocument.tree(isMetricsOpen: false)
        let schemas = tree["components"]?["schemas"]?.object ?? []
        let used = Self.references(in: tree)
        #expect(used == Set(schemas.map { "#/components/schemas/\($0.name)" }))
    }

    @Test func `metrics need no token when they are open`() {
        let open = OpenAPIDocument.paths(isMetricsOpen: true)["/metrics"]?["get"]
        let guarded = OpenAPIDocument.paths(isMetricsOpen: false)["/metrics"]?["get"]
        #expect(open?["security"] == .array([]))
        #expect(guarded?["security"] == nil)
        #expect(open?["responses"]?["401"] == nil)
        #expect(guarded?["responses"]?["401"] != nil)
    }

    private static func describedNames() -> Set<String> {
        let paths = OpenAPIDocument.paths(isMetricsOpen: false).object ?? []
        return Set(
            paths.flatMap { path in
                (path.value.object ?? []).map { "\($0.name.uppercased()) \(path.name)" }
            })
    }

    private static func references(in tree: JSONTree) -> Set<String> {
        switch tree {
        case .object(let members):
            members.reduce(into: []) { found, member in
                if member.name == "$ref", let text = member.value.string {
                    found.insert(text)
                } else {
                    found.formUnion(references(in: member.value))
                }
            }
        case .array(let elements):
            elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .null, .bool, .integer, .number, .string: []
        }
    }

    @LoopActor
    private static func servedNames() throws -> Set<String> {
        let store = MemoryAlertStore()
        let clock = WallClock.system
        let directory = Directory(store: store, clock: clock)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (curl, outboundCurl) = (try CurlDriver(), try CurlDriver())
        // The directory and the worker of closes hold each other for as long as a process lives.
        defer {
            directory.onIntegrationUsable = nil
            directory.onIntegrationGone = nil
            curl.close()
            outboundCurl.close()
        }
        let metrics = Metrics()
        let configuration = Configuration()
        let workers = Workers(
            store: store, coordination: SoleReplica(), directory: directory, curl: curl,
            outboundCurl: outboundCurl, metrics: metrics, configuration, clock: clock, log: log)
        let routes = GatewayRoutes(
            RouteParts(
                store: store, hub: ChangeHub(feed: store), directory: directory, workers: workers,
                batcher: IngestBatcher(store: store), identifiers: IdentifierSource(),
                metrics: metrics,
                authenticator: AdminAuthenticator(token: Secret("an-admin-token-of-some-length")),
                clock: clock, log: log, publicURL: "http://127.0.0.1",
                about: AboutRoute.Store(kind: "memory", schemaVersion: 1)), configuration)
        let names = routes.allRoutes.names
        #expect(Set(names) == Set(routes.publicRoutes.names + routes.adminOnlyRoutes.names))
        return Set(names)
    }
}
