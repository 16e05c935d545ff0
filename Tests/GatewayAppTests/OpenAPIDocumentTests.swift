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
        #expect(guarded?["security"] == [["adminToken": ["viewer"]], ["session": ["viewer"]]])
        #expect(open?["responses"]?["401"] == nil)
        #expect(guarded?["responses"]?["401"] != nil)
    }

    @Test(arguments: operations())
    func `an operation says what it is, shows what goes in and out, and which errors come`(
        _ operation: NamedOperation
    ) {
        let tree = operation.tree
        #expect(tree["summary"]?.string?.isEmpty == false)
        #expect(tree["operationId"]?.string?.isEmpty == false)
        #expect(tree["security"]?.array != nil, "who may do it is left to the document's default")
        if let body = tree["requestBody"] {
            #expect(body["content"]?["application/json"]?["example"] != nil)
        }
        let answers = tree["responses"]?.object ?? []
        #expect(answers.contains { $0.name.hasPrefix("2") })
        for answer in answers where answer.name != "204" {
            let contents = answer.value["content"]?.object ?? []
            #expect(!contents.isEmpty, "\(answer.name) has no content")
            for content in contents {
                #expect(content.value["schema"] != nil && content.value["example"] != nil)
            }
        }
        #expect(answers.contains { $0.value["content"]?["application/problem+json"] != nil })
    }

    @Test func `a filter by words may be left empty`() {
        let parameters = Self.operations().flatMap { $0.tree["parameters"]?.array ?? [] }
        let words = parameters.filter { $0["in"] == "query" }.compactMap { $0["schema"]?["enum"] }
        #expect(words.count >= 6)
        #expect(words.allSatisfy { $0.array?.contains("") == true })
    }

    @Test func `each operation has a name of its own`() {
        let names = Self.operations().compactMap { $0.tree["operationId"]?.string }
        #expect(names.count > 40 && Set(names).count == names.count)
    }

    /// An operation and what it is called in a failure.
    struct NamedOperation: Sendable, CustomTestStringConvertible {
        let name: String
        let tree: JSONTree

        var testDescription: String { name }
    }

    private static func operations() -> [NamedOperation] {
        let paths = OpenAPIDocument.paths(isMetricsOpen: false).object ?? []
        return paths.flatMap { path in
            (path.value.object ?? []).map {
                NamedOperation(name: "\($0.name.uppercased()) \(path.name)", tree: $0.value)
            }
        }
    }

    private static func describedNames() -> Set<String> {
        Set(operations().map(\.name))
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
