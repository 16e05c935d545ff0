/// How long things may be before a reader loses the thread.
enum SizeLimits {
    /// One subject fits; a file that needs more holds two.
    static let fileLinesMax = 300
    /// What a screen shows.
    static let functionLinesMax = 50
    /// Two files side by side; the formatter breaks code there, and this holds comments to it.
    static let lineCharactersMax = 100
}

extension Check {
    static let filesAreShort = Check("files have up to 300 lines") { file in
        guard isCode(file) else { return [] }
        // The text after the last newline is not a line.
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        guard count > SizeLimits.fileLinesMax else { return [] }
        return [
            Finding(
                file, line: SizeLimits.fileLinesMax,
                "\(count) lines; at most \(SizeLimits.fileLinesMax): split it by subject")
        ]
    }

    static let functionsAreShort = Check("functions have up to 50 lines") { file in
        guard file.area == "Sources", file.isSwift else { return [] }
        return file.bodies.compactMap { body in
            let count = body.lastLine - body.firstLine + 1
            guard count > SizeLimits.functionLinesMax else { return nil }
            return Finding(
                file, line: body.firstLine,
                "\(count) lines; at most \(SizeLimits.functionLinesMax): name the parts")
        }
    }

    static let linesAreShort = Check("lines have up to 100 characters") { file in
        guard isCode(file) else { return [] }
        return file.lines.indices.compactMap { line in
            guard file.lines[line].utf8.count > SizeLimits.lineCharactersMax else { return nil }
            let count = file.lines[line].count
            guard count > SizeLimits.lineCharactersMax else { return nil }
            return Finding(
                file, line: line,
                "\(count) characters; at most \(SizeLimits.lineCharactersMax): break the line")
        }
    }

    private static func isCode(_ file: SourceFile) -> Bool {
        let suffixes = [".swift", ".h", ".c", ".cpp", ".py", ".js", ".css", ".html", ".lua"]
        return (file.area == "Sources" || file.area == "Tests")
            && suffixes.contains { file.path.hasSuffix($0) }
    }
}

extension SourceFile {
    /// The lines from a function's first word to its closing brace, counted from 0.
    struct Body: Equatable {
        let firstLine: Int
        let lastLine: Int
    }

    /// Functions, initialisers, deinitialisers, subscripts and computed properties with a body.
    var bodies: [Body] {
        tokens.indices.compactMap { start in
            guard let opening = openingBrace(ofDeclarationAt: start) else { return nil }
            let closing = closingBrace(matching: opening)
            return Body(firstLine: tokens[start].line, lastLine: tokens[closing].line)
        }
    }

    /// Where the body of the declaration that begins at `start` opens, if it is one with a body.
    private func openingBrace(ofDeclarationAt start: Int) -> Int? {
        let keyword = tokens[start].text
        guard word(start - 1) != "." else { return nil }
        let isProperty = keyword == "var"
        guard isProperty || ["func", "init", "deinit", "subscript"].contains(keyword) else {
            return nil
        }
        let enders: Set<String> = [
            "}", ";", "func", "init", "deinit", "subscript", "var", "let", "case", "struct",
            "class",
            "enum", "actor", "protocol", "extension", "typealias", "associatedtype", "import",
        ]
        var depth = 0
        for index in tokens.indices.dropFirst(start + 1) {
            let text = tokens[index].text
            if isProperty && tokens[index].line != tokens[start].line { return nil }
            if "([".contains(text) { depth += 1 }
            if ")]".contains(text) { depth -= 1 }
            guard depth >= 0 else { return nil }
            guard depth == 0 else { continue }
            if text == "{" { return index }
            if isProperty && text == "=" { return nil }
            if enders.contains(text) { return nil }
        }
        return nil
    }

    /// The brace that closes the one at `opening`; the last token when none does.
    func closingBrace(matching opening: Int) -> Int {
        var depth = 0
        for index in opening..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return tokens.count - 1
    }
}
