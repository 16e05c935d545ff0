extension Check {
    static let packageDeclarationsAreDocumented = Check(
        "every package declaration is documented"
    ) { file, requirements in
        guard file.area == "Sources", file.isSwift else { return [] }
        return file.packageDeclarations.compactMap { declaration in
            if let name = declaration.name, requirements.contains(name) { return nil }
            let summary = file.documentationSummary(above: declaration.line)
            guard let summary, !summary.isEmpty else {
                return Finding(
                    file, line: declaration.line,
                    "say with /// what this is for: units, ranges, what it throws, who owns what")
            }
            guard summary.hasSuffix(".") else {
                return Finding(
                    file, line: declaration.line,
                    "the documentation begins with one sentence, which ends with a full stop")
            }
            return nil
        }
    }
}

extension SourceFile {
    /// A declaration that other targets see.
    struct PackageDeclaration: Equatable {
        /// With argument labels; `nil` for types and what else no protocol can ask for.
        let name: String?
        let line: Int
    }

    var packageDeclarations: [PackageDeclaration] {
        let modifiers: Set<String> = [
            "static", "class", "final", "mutating", "nonmutating", "nonisolated", "isolated",
            "indirect", "convenience", "required", "override", "lazy", "weak", "unowned",
            "consuming", "borrowing", "private", "(", "set", ")", "unsafe", "nonsending",
        ]
        return positions(of: ["package"]).compactMap { start in
            guard word(start - 1) != ".", word(start + 1) != "import" else { return nil }
            // `package(set)` speaks of a setter; its declaration has another word for itself.
            guard word(start + 1) != "(" else { return nil }
            var keyword = start + 1
            while modifiers.contains(word(keyword)) { keyword += 1 }
            if word(keyword - 1) == "class", !["func", "var"].contains(word(keyword)) {
                keyword -= 1
            }
            return PackageDeclaration(name: declaredName(at: keyword), line: tokens[start].line)
        }
    }

    /// The first paragraph of the documentation above a line; `nil` when there is none.
    func documentationSummary(above line: Int) -> String? {
        var above = line - 1
        while above >= 0, isBetweenDocumentationAndDeclaration(above) { above -= 1 }
        guard trimmedLine(above).hasPrefix("///") else { return nil }
        var first = above
        while trimmedLine(first - 1).hasPrefix("///") { first -= 1 }
        var summary = ""
        for index in first...above {
            let text = trimmedLine(index).dropFirst(3).drop { $0 == " " }
            if text.isEmpty || text.hasPrefix("- ") { break }
            summary += (summary.isEmpty ? "" : " ") + text
        }
        return summary
    }

    private func isBetweenDocumentationAndDeclaration(_ line: Int) -> Bool {
        let text = trimmedLine(line)
        return text.hasPrefix("@") || (text.hasPrefix("//") && !text.hasPrefix("///"))
    }
}
