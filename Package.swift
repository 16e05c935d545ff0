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
    // So that the linker can leave out, and take together, functions rather than files.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

// Where little of a webhook's time is spent: small rather than quick.
let cold = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

// What the program as shipped is linked with, 20.4 to 15.5 MB; docs/performance.md says what each
// takes off.
let small: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--icf=all", "-Xlinker", "--no-export-dynamic",
            "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--script=\(Context.packageDirectory)/Sources/Gateway/NoUnwindTables.ld",
        ], .when(platforms: [.linux], configuration: .release))
]

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], excluding files: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["GatewayTesting"], exclude: files,
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

// Guards in compiled C and C++: canaries on stacks, checked copies. A sanitizer checks more by
// itself, and glibc's checks need an optimizing compiler.
let hardenedC: [CSetting] = [
    .unsafeFlags(["-fstack-protector-strong"]),
    .define("_FORTIFY_SOURCE", to: "3", .when(configuration: .release)),
]
let hardenedCXX: [CXXSetting] = [
    .unsafeFlags(["-fstack-protector-strong"]),
    .define("_FORTIFY_SOURCE", to: "3", .when(configuration: .release)),
]
// What is relocated is read-only before `main`, and no stack can be executed; the compiler links
// position-independent programs of itself. `.ci/check-binary` looks at all of it.
let hardenedLink: [LinkerSetting] = [
    .unsafeFlags(
        ["relro", "now", "noexecstack"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] })
]

/// C libraries: headers and typed shims only.
let libraries: [Target] = [
    .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    .systemLibrary(
        name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
        name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "CLLHTTP", cSettings: isFuzzing ? [] : hardenedC),
    .target(
        name: "CSimdJSON", cxxSettings: isFuzzing ? [] : hardenedCXX,
        linkerSettings: [.linkedLibrary("simdjson")]),
]

/// One wrapper for each C library.
let wrappers: [Target] = [
    library("EventLoop", ["CUV"]),
    library("Curl", ["CCurl", "EventLoop"]),
    library("SQLite", ["CSQLite", "EventLoop"]),
    library("Postgres", ["CPQ", "EventLoop"]),
    library("TLS", ["COpenSSL"]),
    library("JSON", ["CSimdJSON"]),
    library("Compression", ["CZstd"]),
    library("HTTPServer", ["CLLHTTP", "EventLoop", "TLS"]),
]

let domain: [Target] = [library("Alerts")]

/// How the API and webhooks to endpoints spell alerts.
let spelling: [Target] = [library("AlertJSON", ["Alerts", "JSON"], cold)]

/// What implements the domain's ports.
let adapters: [Target] = [
    library("BigPanda", ["Alerts", "Curl", "JSON", "EventLoop"]),
    library(
        "AlertStorage",
        [
            "AlertJSON", "Alerts", "SQLite", "Postgres", "TLS", "JSON", "Compression", "EventLoop",
        ]),
]

let application: [Target] = [
    .target(
        name: "WebUI", resources: [.embedInCode("Assets")], swiftSettings: cold),
    library(
        "GatewayApp",
        [
            "AlertJSON", "Alerts", "AlertStorage", "BigPanda", "Compression", "Curl", "EventLoop",
            "HTTPServer", "JSON", "TLS", "WebUI",
            .product(name: "Logging", package: "swift-log"),
        ], cold),
    library("StubBigPanda", ["HTTPServer", "Curl", "JSON", "EventLoop"], cold),
    .executableTarget(
        name: "Gateway",
        dependencies: [
            "GatewayApp", "StubBigPanda", "Alerts", "Curl", "EventLoop", "JSON",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        exclude: ["NoUnwindTables.ld"], swiftSettings: cold, linkerSettings: hardenedLink + small),
    .executableTarget(
        name: "HTTPEcho", dependencies: ["HTTPServer", "EventLoop"], swiftSettings: strict),
]

/// What tests of several targets use.
let fixtures: [Target] = [
    library("GatewayTesting", ["Alerts", "EventLoop"]),
    .target(
        name: "PostgresTesting", path: "Tests/PostgresTesting", exclude: ["serve.sh"],
        swiftSettings: strict),
    .target(name: "FileTesting", path: "Tests/FileTesting", swiftSettings: strict),
    .target(
        name: "TLSTesting", dependencies: ["TLS", "COpenSSL"], path: "Tests/TLSTesting",
        swiftSettings: strict),
]

let wrapperTests: [Target] = [
    tests("EventLoop", ["EventLoop"]),
    tests("Curl", ["Curl", "EventLoop"]),
    tests("SQLite", ["SQLite", "FileTesting"]),
    tests("Postgres", ["Postgres", "EventLoop", "PostgresTesting"]),
    tests("TLS", ["TLS", "COpenSSL", "TLSTesting"]),
    tests("JSON", ["JSON"]),
    tests("Compression", ["Compression"]),
    tests("HTTPServer", ["HTTPServer", "EventLoop", "TLS", "TLSTesting"]),
]

let otherTests: [Target] = [
    tests("Alerts", ["Alerts"]),
    tests("BigPanda", ["BigPanda", "Alerts", "JSON"]),
    tests(
        "AlertStorage",
        [
            "AlertStorage", "Alerts", "EventLoop", "FileTesting", "Postgres", "PostgresTesting",
            "SQLite", "TLS",
        ]),
    tests(
        "Simulation",
        [
            "Alerts", "AlertStorage", "EventLoop", "FileTesting", "Postgres", "PostgresTesting",
            "TLS",
        ]),
    tests(
        "GatewayApp",
        [
            "GatewayApp", "Alerts", "AlertStorage", "FileTesting", "HTTPServer", "JSON", "TLS",
            "TLSTesting",
        ], excluding: ["exposition.txt"]),
    tests("StubBigPanda", ["StubBigPanda", "HTTPServer", "JSON", "EventLoop"]),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
]

/// With GATEWAY_WRAPPERS=1 there is nothing but the wrappers and their tests, for runs that look at
/// what touches C memory.
let isForWrappers = Context.environment["GATEWAY_WRAPPERS"] == "1"
let targets: [Target] =
    libraries + wrappers + domain + fixtures + wrapperTests
    + (isForWrappers ? [] : spelling + adapters + application + otherTests)
    + (isFuzzing ? fuzzers : [])

let package = Package(
    name: "bigpanda-gateway",
    products: isForWrappers
        ? []
        : [
            .executable(name: "bigpanda-gateway", targets: ["Gateway"]),
            .executable(name: "http-echo", targets: ["HTTPEcho"]),
        ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: targets,
    cxxLanguageStandard: .cxx17
)
