import Testing

/// A place that breaks a rule, and what to do about it.
struct Finding: Equatable, Sendable, CustomStringConvertible {
    let path: String
    /// Counted from 1; 0 when the finding is about the file or folder as a whole.
    let line: Int
    let remedy: String

    /// - Parameters:
    ///   - file: Where it is.
    ///   - line: Counted from 0; `nil` for the file as a whole.
    ///   - remedy: What to do about it.
    init(_ file: SourceFile, line: Int?, _ remedy: String) {
        path = file.path
        self.line = line.map { $0 + 1 } ?? 0
        self.remedy = remedy
    }

    init(path: String, _ remedy: String) {
        self.path = path
        line = 0
        self.remedy = remedy
    }

    var description: String { line == 0 ? "\(path): \(remedy)" : "\(path):\(line): \(remedy)" }
}

/// A rule about the sources that a program can hold.
struct Check: Sendable, CustomTestStringConvertible {
    /// A sentence that says what holds where nothing is found.
    let rule: String
    /// Looks at one file; knows the others only through what was gathered from them beforehand.
    let findings: @Sendable (_ file: SourceFile, _ requirements: ProtocolRequirements) -> [Finding]

    init(
        _ rule: String,
        _ findings: @escaping @Sendable (SourceFile, ProtocolRequirements) -> [Finding]
    ) {
        self.rule = rule
        self.findings = findings
    }

    init(_ rule: String, _ findings: @escaping @Sendable (SourceFile) -> [Finding]) {
        self.rule = rule
        self.findings = { file, _ in findings(file) }
    }

    var testDescription: String { rule }

    static let all: [Check] = [
        .importsFollowTheArchitecture,
        .cModulesStayInWrappers,
        .noFoundation,
        .unsafeCodeStaysInWrappers,
        .escapeHatchesAreExplained,
        .bannedCallsAreAbsent,
        .droppedErrorsHaveAReason,
        .filesAreShort,
        .functionsAreShort,
        .linesAreShort,
        .packageDeclarationsAreDocumented,
        .nothingIsLeftOver,
        .noRegistryIsNamed,
        .noDevelopersPathIsNamed,
    ]
}
