// swift-tools-version: 6.2
import PackageDescription

// A package of its own, which `make bench` alone builds: the gateway's own has none of this.
let package = Package(
    name: "BenchmarkPeer",
    platforms: [.macOS(.v14)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "BenchmarkPeer",
            dependencies: [
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            path: "Sources",
            swiftSettings: [.treatAllWarnings(as: .error)])
    ]
)
