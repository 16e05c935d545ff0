extension Check {
    static let unsafeCodeStaysInWrappers = Check("unsafe code stays in the wrappers") { file in
        guard file.area == "Sources", file.isSwift else { return [] }
        guard !ImportRules.wrappers.contains(file.target) else { return [] }
        return file.tokens.filter { isUnsafe($0.text) }.map {
            Finding(
                file, line: $0.line,
                "'\($0.text)' belongs into a wrapper target; give the wrapper a safe call for this")
        }
    }

    static let escapeHatchesAreExplained = Check("escape hatches say why they hold") { file in
        guard file.isSwift, file.area == "Sources" || file.area == "Tests" else { return [] }
        let hatches = [
            ["@", "unchecked", "Sendable"], ["nonisolated", "(", "unsafe", ")"],
            ["@", "preconcurrency"],
        ]
        let lines = Set(
            hatches.flatMap { file.positions(of: $0) }.map { file.tokens[$0].line })
        return lines.sorted().compactMap { line in
            guard !isExplained(line, in: file, hatches: lines) else { return nil }
            return Finding(
                file, line: line,
                "write the invariant that makes this safe into a comment on the line above")
        }
    }

    private static func isUnsafe(_ word: String) -> Bool {
        let words: Set<String> = [
            "unsafe", "Unmanaged", "OpaquePointer", "unsafeBitCast", "CInt", "CUnsignedInt",
            "CLong",
            "CUnsignedLong", "CChar", "CVarArg",
        ]
        if words.contains(word) || word.hasPrefix("withUnsafe") { return true }
        return word.hasPrefix("Unsafe") && (word.hasSuffix("Pointer") || word.hasSuffix("Pointers"))
    }

    /// A comment above counts, attributes between skipped; so does that of the hatch right above,
    /// since one comment may speak of a pair of fields.
    private static func isExplained(_ line: Int, in file: SourceFile, hatches: Set<Int>) -> Bool {
        var above = line - 1
        while above >= 0 {
            let text = file.trimmedLine(above)
            if text.hasPrefix("//") { return true }
            guard text.hasPrefix("@") || hatches.contains(above) else { return false }
            above -= 1
        }
        return false
    }
}
