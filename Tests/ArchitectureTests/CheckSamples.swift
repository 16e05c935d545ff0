/// Something a check must find, and where; or, without lines, must leave alone.
struct Sample: Sendable {
    let check: Check
    let path: String
    let text: String
    /// Counted from 1; 0 is the file as a whole.
    let lines: [Int]

    init(_ check: Check, _ path: String, _ text: String, _ lines: [Int]) {
        self.check = check
        self.path = path
        self.text = text
        self.lines = lines
    }

    init(_ check: Check, _ text: String, _ lines: [Int]) {
        self.init(check, "Sources/GatewayApp/A.swift", text, lines)
    }

    /// Finds with the requirements of the sample itself.
    func foundLines() -> [Int] {
        let file = SourceFile(path: path, text: text)
        return check.findings(file, ProtocolRequirements(of: [file])).map(\.line)
    }
}

extension Sample {
    static let imports: [Sample] = [
        Sample(.importsFollowTheArchitecture, "Sources/Alerts/A.swift", "\nimport Glibc", [2]),
        Sample(
            .importsFollowTheArchitecture, "Sources/Alerts/A.swift", "import Synchronization", [1]),
        Sample(
            .importsFollowTheArchitecture, "Sources/Alerts/A.swift", "// import Curl\n\"import A\"",
            []),
        Sample(.importsFollowTheArchitecture, "Sources/Curl/A.swift", "import JSON", [1]),
        Sample(.importsFollowTheArchitecture, "Sources/Curl/A.swift", "package import CCurl", []),
        Sample(
            .importsFollowTheArchitecture, "Sources/BigPanda/A.swift", "import struct JSON.B", []),
        Sample(
            .importsFollowTheArchitecture, "Sources/BigPanda/A.swift", "import AlertStorage", [1]),
        Sample(
            .importsFollowTheArchitecture, "Sources/GatewayApp/A.swift", "import StubBigPanda",
            [1]),
        Sample(.importsFollowTheArchitecture, "Sources/Unheard/A.swift", "let a = 1", [0]),
        Sample(.importsFollowTheArchitecture, "Tests/AlertsTests/A.swift", "import Testing", []),
        Sample(.cModulesStayInWrappers, "Sources/GatewayApp/A.swift", "private import CUV", [1]),
        Sample(
            .cModulesStayInWrappers, "Sources/GatewayTesting/A.swift", "@preconcurrency import CUV",
            [1]),
        Sample(.cModulesStayInWrappers, "Sources/EventLoop/A.swift", "internal import CUV", []),
        Sample(.cModulesStayInWrappers, "Tests/EventLoopTests/A.swift", "import CUV", []),
        Sample(.cModulesStayInWrappers, "Tests/GatewayAppTests/A.swift", "import CSQLite", [1]),
        Sample(.noFoundation, "Sources/Gateway/A.swift", "import Foundation", [1]),
        Sample(.noFoundation, "Sources/Gateway/A.swift", "import FoundationNetworking", [1]),
        Sample(.noFoundation, "Tests/AlertsTests/A.swift", "import FoundationEssentials", [1]),
        Sample(
            .noFoundation, "Tests/AlertsTests/A.swift", "import Dispatch\nimport XCTest", [1, 2]),
        Sample(.noFoundation, "Tests/AlertsTests/A.swift", "import Testing", []),
    ]

    static let boundary: [Sample] = [
        Sample(.unsafeCodeStaysInWrappers, "let a = unsafe b()", [1]),
        Sample(.unsafeCodeStaysInWrappers, "func a(_ b: UnsafeMutableRawBufferPointer)", [1]),
        Sample(.unsafeCodeStaysInWrappers, "func a(_ b: UnsafePointer<Int8>)", [1]),
        Sample(.unsafeCodeStaysInWrappers, "a.withUnsafeBytes { }", [1]),
        Sample(
            .unsafeCodeStaysInWrappers, "Unmanaged.passRetained(a)\nlet b: OpaquePointer", [1, 2]),
        Sample(.unsafeCodeStaysInWrappers, "let a: CInt = 1", [1]),
        Sample(.unsafeCodeStaysInWrappers, "// unsafe\nlet a = \"unsafe\"\nlet unsafely = 1", []),
        Sample(.unsafeCodeStaysInWrappers, "Sources/TLS/A.swift", "let a = unsafe b()", []),
        Sample(.escapeHatchesAreExplained, "final class A: @unchecked Sendable {}", [1]),
        Sample(.escapeHatchesAreExplained, "\nnonisolated(unsafe) var a = 1", [2]),
        Sample(.escapeHatchesAreExplained, "let b = 1\n@preconcurrency import Curl", [2]),
        Sample(
            .escapeHatchesAreExplained, "// Guarded.\n@safe\nclass A: @unchecked Sendable {}", []),
        Sample(
            .escapeHatchesAreExplained,
            "// Set once.\nnonisolated(unsafe) let a = 1\nprivate nonisolated(unsafe) let b = 1", []
        ),
    ]

    static let banned: [Sample] = [
        Sample(.bannedCallsAreAbsent, "if pthread_self() == a {}", [1]),
        Sample(.bannedCallsAreAbsent, "Task { await a() }", [1]),
        Sample(.bannedCallsAreAbsent, "Task(priority: .high) { }", [1]),
        Sample(.bannedCallsAreAbsent, "\nTask.detached { }\nTask.immediate { }", [2, 3]),
        Sample(.bannedCallsAreAbsent, "Task(executorPreference: a) { }", [1]),
        Sample(
            .bannedCallsAreAbsent, "Sources/EventLoop/A.swift", "Task(executorPreference: a) { }",
            []),
        Sample(.bannedCallsAreAbsent, "let a: Task<Void, Never>\nTask.isCancelled", []),
        Sample(.bannedCallsAreAbsent, "try await Task.sleep(for: a)", [1]),
        Sample(.bannedCallsAreAbsent, "Glibc.sleep(1)\nusleep(2)\nnanosleep(a, b)", [1, 2, 3]),
        Sample(
            .bannedCallsAreAbsent, "print(a)\nSwift.print(a)\ndump(a)\ndebugPrint(a)",
            [1, 2, 3, 4]),
        Sample(.bannedCallsAreAbsent, "terminal.print(a)\n// print(a)", []),
        Sample(.bannedCallsAreAbsent, "func sleep(_ time: Duration) {}\nsleep(.seconds(1))", []),
        Sample(.bannedCallsAreAbsent, "fatalError()\npreconditionFailure()", [1, 2]),
        Sample(.bannedCallsAreAbsent, "fatalError(\"an answer without a request\")", []),
        Sample(.bannedCallsAreAbsent, "try! a()\nb as! C", [1, 2]),
        Sample(.bannedCallsAreAbsent, "public struct A {}\nopen class B {}", [1, 2]),
        Sample(.bannedCallsAreAbsent, "log(a, privacy: .public)\nopen(path, flags)", []),
        Sample(.bannedCallsAreAbsent, "DispatchQueue.main\nDispatchSemaphore(value: 1)", [1, 2]),
        Sample(.bannedCallsAreAbsent, "Tests/AlertsTests/A.swift", "print(a)", []),
        Sample(.droppedErrorsHaveAReason, "// Why not.\nlet a = try? b()", [2]),
        Sample(.droppedErrorsHaveAReason, "do { try a() } catch { }", [1]),
        Sample(.droppedErrorsHaveAReason, "do { try a() } catch {\n// It is gone already.\n}", []),
        Sample(.droppedErrorsHaveAReason, "let a = try? b()  // The file may be gone already.", []),
    ]

    static let sizes: [Sample] = [
        Sample(.filesAreShort, String(repeating: "a\n", count: 300), []),
        Sample(.filesAreShort, String(repeating: "a\n", count: 301), [301]),
        Sample(
            .filesAreShort, "Tests/EndToEnd/test_a.py", String(repeating: "a\n", count: 301),
            [301]),
        Sample(.functionsAreShort, function(lines: 50), []),
        Sample(.functionsAreShort, function(lines: 51), [1]),
        Sample(.functionsAreShort, "\nstruct A {\n" + function(lines: 51) + "}", [3]),
        Sample(.functionsAreShort, "Tests/AlertsTests/A.swift", function(lines: 51), []),
        Sample(.linesAreShort, String(repeating: "é", count: 100), []),
        Sample(.linesAreShort, "\n" + String(repeating: "é", count: 101), [2]),
        Sample(
            .linesAreShort, "Sources/WebUI/Assets/a.js", String(repeating: "a", count: 101), [1]),
        Sample(.linesAreShort, "docs/a.md", String(repeating: "a", count: 101), []),
    ]

    static let documentation: [Sample] = [
        Sample(.packageDeclarationsAreDocumented, "package struct A {}", [1]),
        Sample(.packageDeclarationsAreDocumented, "// Says why.\npackage let a = 1", [2]),
        Sample(.packageDeclarationsAreDocumented, "/// Is a thing.\n\npackage let a = 1", [3]),
        Sample(.packageDeclarationsAreDocumented, "/// Is a thing\npackage let a = 1", [2]),
        Sample(.packageDeclarationsAreDocumented, "///\npackage let a = 1", [2]),
        Sample(.packageDeclarationsAreDocumented, "@MainActor\npackage static func a() {}", [2]),
        Sample(.packageDeclarationsAreDocumented, "package private(set) var a = 1", [1]),
        Sample(
            .packageDeclarationsAreDocumented,
            "/// Is a\n/// thing.\n///\n/// More\n@safe\npackage class A {}", []),
        Sample(
            .packageDeclarationsAreDocumented, "package import EventLoop\nlet b = a.package", []),
        Sample(
            .packageDeclarationsAreDocumented,
            "protocol P {\n    func a(_ b: Int)\n}\n"
                + "package func a(_ c: Int) {}\npackage func a(b: Int) {}",
            [5]),
        Sample(
            .packageDeclarationsAreDocumented, "package func hash(into hasher: inout Hasher) {}", []
        ),
        Sample(
            .packageDeclarationsAreDocumented,
            "package static func == (left: Self, right: Self) -> Bool { true }", []),
    ]

    static let text: [Sample] = [
        Sample(.nothingIsLeftOver, "docs/a.md", "a\nTO" + "DO: b", [2]),
        Sample(
            .nothingIsLeftOver, "Sources/Alerts/A.swift", "// FIX" + "ME(#1)\n\"XX" + "X\"",
            [1, 2]),
        Sample(.nothingIsLeftOver, "Sources/Alerts/A.swift", "let TO" + "DOs = 1", []),
        Sample(.nothingIsLeftOver, "Sources/Alerts/Place" + "holder.swift", "", [0]),
        Sample(.noRegistryIsNamed, "Makefile", "\ncurl https://pypi" + ".org/simple", [2]),
        Sample(.noRegistryIsNamed, "deploy/Containerfile", "FROM docker" + ".io/a", [1]),
        Sample(.noRegistryIsNamed, "Package.swift", "https://github.com/apple/swift-log", []),
        Sample(.noDevelopersPathIsNamed, ".ci/run", "cd /wo" + "rk/main", [1]),
        Sample(
            .noDevelopersPathIsNamed, "README.md", "`/ho" + "me/me/a` and\n/ro" + "ot/b", [1, 2]),
        Sample(.noDevelopersPathIsNamed, "README.md", "https://example.org/wo" + "rk/a", []),
    ]

    private static func function(lines: Int) -> String {
        "func a(b: Int = 1) -> Int {\n" + String(repeating: "    b\n", count: lines - 2) + "}\n"
    }
}

extension Sample: CustomStringConvertible {
    var description: String { "\(check.rule): \(path): \(text.prefix(60))" }
}
