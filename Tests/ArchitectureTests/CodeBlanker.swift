/// Takes comments and the contents of literals out of Swift source, so that a check sees code only.
///
/// Lines and columns stay where they were: what is taken out becomes spaces. Code inside string
/// interpolations stays. Regular expression literals are not known; the sources hold none.
struct CodeBlanker {
    private enum Frame {
        /// Code, with the parentheses open since an interpolation began; the outermost never ends.
        case code(openParentheses: Int)
        case text(hashes: Int, isMultiline: Bool)
    }

    /// The source with everything but code blanked.
    private(set) var output: [UInt8] = []
    /// The 0-based lines on which a `//` comment begins.
    private(set) var commentLines: Set<Int> = []

    private let source: [UInt8]
    private var index = 0
    private var line = 0
    private var frames: [Frame] = [.code(openParentheses: 0)]

    init(_ source: [UInt8]) {
        self.source = source
        output.reserveCapacity(source.count)
        while index < source.count { step() }
    }

    private mutating func step() {
        switch frames.last ?? .code(openParentheses: 0) {
        case .code(let openParentheses):
            stepThroughCode(openParentheses)
        case .text(let hashes, let isMultiline):
            stepThroughText(hashes, isMultiline)
        }
    }

    private mutating func stepThroughCode(_ openParentheses: Int) {
        if starts(with: "//") { return blankLineComment() }
        if starts(with: "/*") { return blankBlockComment() }
        if starts(with: "`") { return blankRawIdentifier() }
        if openText() { return }
        let byte = source[index]
        keep(1)
        guard frames.count > 1 else { return }
        if byte == UInt8(ascii: "(") {
            frames[frames.count - 1] = .code(openParentheses: openParentheses + 1)
        } else if byte == UInt8(ascii: ")") {
            if openParentheses == 0 {
                frames.removeLast()
            } else {
                frames[frames.count - 1] = .code(openParentheses: openParentheses - 1)
            }
        }
    }

    private mutating func stepThroughText(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let closing = (isMultiline ? "\"\"\"" : "\"") + marks
        if starts(with: closing) {
            frames.removeLast()
            return keep(closing.utf8.count)
        }
        if starts(with: "\\" + marks + "(") {
            frames.append(.code(openParentheses: 0))
            blank(1 + hashes)
            return keep(1)
        }
        if starts(with: "\\" + marks) {
            return blank(min(2 + hashes, source.count - index))
        }
        blank(1)
    }

    /// Enters a string literal, if one begins here.
    private mutating func openText() -> Bool {
        var hashes = 0
        while at(index + hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard at(index + hashes) == UInt8(ascii: "\"") else { return false }
        let quote = UInt8(ascii: "\"")
        let isMultiline = at(index + hashes + 1) == quote && at(index + hashes + 2) == quote
        frames.append(.text(hashes: hashes, isMultiline: isMultiline))
        keep(hashes + (isMultiline ? 3 : 1))
        return true
    }

    private mutating func blankLineComment() {
        commentLines.insert(line)
        while let byte = at(index), byte != UInt8(ascii: "\n") { blank(1) }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < source.count
    }

    private mutating func blankRawIdentifier() {
        keep(1)
        while let byte = at(index), byte != UInt8(ascii: "`"), byte != UInt8(ascii: "\n") {
            blank(1)
        }
        keep(1)
    }

    private mutating func keep(_ count: Int) {
        copy(count) { $0 }
    }

    private mutating func blank(_ count: Int) {
        copy(count) { _ in UInt8(ascii: " ") }
    }

    private mutating func copy(_ count: Int, _ change: (UInt8) -> UInt8) {
        for _ in 0..<count {
            guard let byte = at(index) else { return }
            let isNewline = byte == UInt8(ascii: "\n")
            output.append(isNewline ? byte : change(byte))
            if isNewline { line += 1 }
            index += 1
        }
    }

    private func at(_ position: Int) -> UInt8? {
        position < source.count ? source[position] : nil
    }

    private func starts(with prefix: String) -> Bool {
        var position = index
        for byte in prefix.utf8 {
            guard at(position) == byte else { return false }
            position += 1
        }
        return true
    }
}
