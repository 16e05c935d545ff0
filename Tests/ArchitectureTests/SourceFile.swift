/// A word or a single sign of a source file's code.
struct Token: Equatable, Sendable {
    let text: String
    /// Counted from 0.
    let line: Int
}

/// One text file of the repository, as the checks see it.
struct SourceFile: Sendable {
    /// From the top of the repository, such as `Sources/Alerts/Alert.swift`.
    let path: String
    let lines: [String]
    /// What is left of a Swift file without comments and literals; empty for other files.
    let tokens: [Token]
    /// The 0-based lines on which a `//` comment begins.
    let commentLines: Set<Int>

    init(path: String, bytes: [UInt8]) {
        self.path = path
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard path.hasSuffix(".swift") else {
            tokens = []
            commentLines = []
            return
        }
        let blanker = CodeBlanker(bytes)
        tokens = Self.tokens(of: blanker.output)
        commentLines = blanker.commentLines
    }

    init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// `Sources`, `Tests` or another entry of the repository's top level.
    var area: String { components.first ?? "" }

    /// The folder under `Sources` or `Tests` that the file belongs to.
    var target: String { components.count > 2 ? components[1] : "" }

    var name: String { components.last ?? "" }

    var isSwift: Bool { path.hasSuffix(".swift") }

    private var components: [String] { path.split(separator: "/").map(String.init) }

    /// The line as written, without the spaces around it; empty beyond the file's ends.
    func trimmedLine(_ index: Int) -> String {
        guard lines.indices.contains(index) else { return "" }
        let line = lines[index].drop { $0.isWhitespace }
        return String(line.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Where `words` stand in the code, one after the other.
    func positions(of words: [String]) -> [Int] {
        guard let first = words.first, tokens.count >= words.count else { return [] }
        return (0...(tokens.count - words.count)).filter { start in
            tokens[start].text == first
                && words.indices.allSatisfy { tokens[start + $0].text == words[$0] }
        }
    }

    /// The token at `index`; an empty word beyond the file's ends.
    func word(_ index: Int) -> String {
        tokens.indices.contains(index) ? tokens[index].text : ""
    }

    private static func tokens(of code: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var word: [UInt8] = []
        var line = 0
        func isWordByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default:
                false
            }
        }
        for byte in code + [UInt8(ascii: "\n")] {
            if isWordByte(byte) {
                word.append(byte)
                continue
            }
            if !word.isEmpty {
                tokens.append(Token(text: String(decoding: word, as: UTF8.self), line: line))
                word.removeAll(keepingCapacity: true)
            }
            if byte == UInt8(ascii: "\n") {
                line += 1
            } else if byte > UInt8(ascii: " ") {
                tokens.append(Token(text: String(decoding: [byte], as: UTF8.self), line: line))
            }
        }
        return tokens
    }
}
