/// Who may import whom, as drawn in `docs/architecture.md`.
enum ImportRules {
    /// The modules of C libraries; each has one wrapper.
    static let cModules: Set<String> = [
        "CUV", "CCurl", "CSQLite", "CPQ", "COpenSSL", "CLLHTTP", "CSimdJSON", "CZstd",
    ]

    /// The targets that may hold C types, pointers and the word `unsafe`.
    static let wrappers: Set<String> = [
        "EventLoop", "Curl", "SQLite", "Postgres", "TLS", "JSON", "HTTPServer", "Compression",
    ]

    /// Parts of the toolchain that every target but the domain may use.
    static let system: Set<String> = ["Glibc", "Synchronization"]

    /// What each target may import, besides `system`.
    static let allowed: [String: Set<String>] = [
        "EventLoop": ["CUV"],
        "Curl": ["CCurl", "EventLoop"],
        "SQLite": ["CSQLite", "EventLoop"],
        "Postgres": ["CPQ", "EventLoop"],
        "TLS": ["COpenSSL"],
        "JSON": ["CSimdJSON"],
        "Compression": ["CZstd"],
        "HTTPServer": ["CLLHTTP", "EventLoop", "TLS"],
        "Alerts": [],
        "AlertJSON": ["Alerts", "JSON"],
        "BigPanda": ["Alerts", "Curl", "JSON", "EventLoop"],
        "AlertStorage": [
            "AlertJSON", "Alerts", "SQLite", "Postgres", "TLS", "JSON", "Compression",
            "EventLoop",
        ],
        "GatewayApp": [
            "AlertJSON", "Alerts", "AlertStorage", "BigPanda", "Compression", "Curl", "EventLoop",
            "HTTPServer", "JSON", "TLS", "WebUI", "Logging",
        ],
        "WebUI": [],
        "StubBigPanda": ["HTTPServer", "Curl", "JSON", "EventLoop"],
        "Gateway": [
            "GatewayApp", "StubBigPanda", "Alerts", "Curl", "EventLoop", "JSON", "ArgumentParser",
        ],
        "GatewayTesting": ["Alerts", "EventLoop"],
        "HTTPEcho": ["HTTPServer", "EventLoop"],
    ]

    /// The target that imports nothing at all.
    static let domain = "Alerts"
}

extension SourceFile {
    /// A module that the file imports.
    struct Import: Equatable {
        let module: String
        let line: Int
    }

    var imports: [Import] {
        let kinds: Set<String> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
        ]
        return positions(of: ["import"]).map { position in
            let name = kinds.contains(word(position + 1)) ? position + 2 : position + 1
            return Import(module: word(name), line: tokens[position].line)
        }
    }
}

extension Check {
    static let importsFollowTheArchitecture = Check("imports follow the architecture") { file in
        guard file.area == "Sources", file.isSwift else { return [] }
        guard let allowed = ImportRules.allowed[file.target] else {
            return [
                Finding(
                    file, line: nil,
                    "target \(file.target) has no row in ImportRules.allowed; add one there and in "
                        + "docs/architecture.md")
            ]
        }
        let isDomain = file.target == ImportRules.domain
        return file.imports.compactMap { item in
            guard !allowed.contains(item.module) else { return nil }
            guard isDomain || !ImportRules.system.contains(item.module) else { return nil }
            let remedy =
                isDomain
                ? "the domain imports nothing; pass the value in, or put the code into an adapter"
                : "\(file.target) may not import \(item.module); move the code to the target that "
                    + "may, or hand the value down"
            return Finding(file, line: item.line, remedy)
        }
    }

    static let cModulesStayInWrappers = Check("C modules stay in their wrappers") { file in
        guard file.isSwift else { return [] }
        // Tests of a wrapper, and what they share with tests of other targets.
        let suffix = ["Tests", "Testing"].first { file.target.hasSuffix($0) } ?? ""
        let owner =
            file.area == "Tests" ? String(file.target.dropLast(suffix.count)) : file.target
        guard !ImportRules.wrappers.contains(owner) else { return [] }
        return file.imports.filter { ImportRules.cModules.contains($0.module) }.map {
            Finding(
                file, line: $0.line,
                "\($0.module) is for its wrapper alone; call the wrapper, or extend it")
        }
    }

    static let noFoundation = Check("nothing imports Foundation, Dispatch or XCTest") { file in
        guard file.isSwift else { return [] }
        return file.imports.compactMap { item in
            if item.module.hasPrefix("Foundation") || item.module == "Dispatch" {
                return Finding(
                    file, line: item.line,
                    "\(item.module) stays out of every target (docs/adr/0003); use the standard "
                        + "library or a wrapper")
            }
            guard item.module == "XCTest" else { return nil }
            return Finding(file, line: item.line, "tests are written with swift-testing")
        }
    }
}
