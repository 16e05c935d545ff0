/// Words that no file of the repository holds.
///
/// They are put together from parts, so that this file does not find itself.
enum ForbiddenText {
    static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    /// Where packages come from is the machine's business: a mirror is set up there, not here.
    static let registries = [
        "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com",
        "proxy.golang" + ".org", "crates" + ".io", "docker" + ".io", "ghcr" + ".io",
        "quay" + ".io", "deb.debian" + ".org", "archive.ubuntu" + ".com", "artifac" + "tory",
    ]

    static let developersPaths = [
        "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/", "/wo" + "rk/", ".libr" + "ary/",
        "/tmp/bu" + "ild",
    ]
}

extension Check {
    static let nothingIsLeftOver = Check("nothing is left over") { file in
        if file.name == "Place" + "holder.swift" {
            return [Finding(file, line: nil, "the target has real files; delete this one")]
        }
        guard file.area != "LICENSE" else { return [] }
        return ForbiddenText.leftovers.flatMap { word in
            lines(of: file, holding: word, asWord: true).map {
                Finding(file, line: $0, "do what '\(word)' announces, or take the note out")
            }
        }
    }

    static let noRegistryIsNamed = Check("no package registry is named") { file in
        ForbiddenText.registries.flatMap { host in
            lines(of: file, holding: host, asWord: false).map {
                Finding(file, line: $0, "'\(host)': leave the choice of registry to the machine")
            }
        }
    }

    static let noDevelopersPathIsNamed = Check("no path of a developer's machine is named") {
        file in
        ForbiddenText.developersPaths.flatMap { path in
            lines(of: file, holding: path, asWord: false, wholePath: true).map {
                Finding(file, line: $0, "'\(path)…' means nothing to others; use a relative path")
            }
        }
    }

    private static func lines(
        of file: SourceFile, holding phrase: String, asWord: Bool, wholePath: Bool = false
    ) -> [Int] {
        file.lines.indices.filter { index in
            let line = file.lines[index]
            return ranges(of: phrase, in: line).contains { range in
                let before = line[..<range.lowerBound].last
                let after = line[range.upperBound...].first
                if asWord { return !isWordPart(before) && !isWordPart(after) }
                // A web address may have such a part in its middle.
                return !wholePath || !isWordPart(before)
            }
        }
    }

    private static func isWordPart(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || character == "_"
    }

    private static func ranges(of phrase: String, in line: String) -> [Range<String.Index>] {
        line.utf8.count < phrase.utf8.count ? [] : line.ranges(of: phrase)
    }

    /// The entries of the repository's top level that are allowed there.
    static let topLevel: Set<String> = [
        "Package.swift", "Sources", "Tests", "deploy", "docs", "Makefile", "README.md",
        "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "LICENSE",
        // Not committed: what the build and a gateway started here leave behind.
        "Package.resolved", "data",
    ]

    /// What stands at the top of the repository and has no place there.
    static func strangers(among names: [String]) -> [Finding] {
        names.filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.map {
            Finding(path: $0, "the top level is fixed; put it under Sources, Tests, deploy or docs")
        }
    }
}
