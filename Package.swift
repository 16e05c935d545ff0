// swift-tools-version: 6.2
import PackageDescription

// One set of language settings for every Swift target; docs/adr/0006 says why each is on.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["GatewayTesting"],
        swiftSettings: strict)
}

/// The fuzzers, which need libFuzzer and are built by `make fuzz` alone.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Fuzz" + name, dependencies: dependencies + ["FuzzDriver"],
        path: "Tests/Fuzzing/Fuzz" + name, swiftSettings: strict)
}

let fuzzers: [Target] = [
    .target(
        name: "FuzzDriver", dependencies: ["EventLoop"],
        path: "Tests/Fuzzing/FuzzDriver", swiftSettings: strict),
    fuzzer("HTTP", ["HTTPServer", "EventLoop"]),
    fuzzer("JSON", ["JSON"]),
    fuzzer("BigPanda", ["BigPanda", "Alerts", "JSON"]),
    fuzzer("Configuration", ["GatewayApp", "EventLoop", "TLS"]),
]
let isFuzzing = Context.environment["GATEWAY_FUZZING"] == "1"

let package = Package(
    name: "bigpanda-gateway",
    products: [
        .executable(name: "bigpanda-gateway", targets: ["Gateway"]),
        .executable(name: "http-echo", targets: ["HTTPEcho"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // C libraries: headers and typed shims only.
        .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CLLHTTP"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // Wrappers: one per C library.
        library("EventLoop", ["CUV"]),
        library("Curl", ["CCurl", "EventLoop"]),
        library("SQLite", ["CSQLite", "EventLoop"]),
        library("Postgres", ["CPQ", "EventLoop"]),
        library("TLS", ["COpenSSL"]),
        library("JSON", ["CSimdJSON"]),
        library("Compression", ["CZstd"]),
        library("HTTPServer", ["CLLHTTP", "EventLoop", "TLS"]),

        // The domain, and the adapters that implement its ports.
        library("Alerts"),
        library("BigPanda", ["Alerts", "Curl", "JSON", "EventLoop"]),
        library(
            "AlertStorage",
            ["Alerts", "SQLite", "Postgres", "TLS", "JSON", "Compression", "EventLoop"]),

        // The application.
        .target(
            name: "WebUI", resources: [.embedInCode("Assets")], swiftSettings: strict),
        library(
            "GatewayApp",
            [
                "Alerts", "AlertStorage", "BigPanda", "Compression", "Curl", "EventLoop",
                "HTTPServer", "JSON", "TLS", "WebUI",
                .product(name: "Logging", package: "swift-log"),
            ]),
        library("StubBigPanda", ["HTTPServer", "Curl", "JSON", "EventLoop"]),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "GatewayApp", "StubBigPanda", "Alerts", "Curl", "EventLoop", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Tests.
        .executableTarget(
            name: "HTTPEcho", dependencies: ["HTTPServer", "EventLoop"], swiftSettings: strict),
        library("GatewayTesting", ["Alerts", "EventLoop"]),
        .target(
            name: "PostgresTesting", path: "Tests/PostgresTesting", exclude: ["serve.sh"],
            swiftSettings: strict),
        tests("EventLoop", ["EventLoop"]),
        tests("Curl", ["Curl", "EventLoop"]),
        tests("SQLite", ["SQLite"]),
        tests("Postgres", ["Postgres", "EventLoop", "PostgresTesting"]),
        tests("TLS", ["TLS", "COpenSSL"]),
        tests("JSON", ["JSON"]),
        tests("Compression", ["Compression"]),
        tests("HTTPServer", ["HTTPServer", "EventLoop"]),
        tests("Alerts", ["Alerts"]),
        tests("BigPanda", ["BigPanda", "Alerts", "JSON"]),
        tests(
            "AlertStorage",
            [
                "AlertStorage", "Alerts", "EventLoop", "Postgres", "PostgresTesting", "SQLite",
                "TLS",
            ]),
        tests(
            "Simulation",
            ["Alerts", "AlertStorage", "EventLoop", "Postgres", "PostgresTesting", "TLS"]),
        tests("GatewayApp", ["GatewayApp", "Alerts", "AlertStorage", "JSON"]),
        tests("StubBigPanda", ["StubBigPanda", "HTTPServer", "JSON", "EventLoop"]),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ] + (isFuzzing ? fuzzers : []),
    cxxLanguageStandard: .cxx17
)
