/// The names that protocols ask for: a witness needs no documentation of its own, since the
/// requirement carries it.
struct ProtocolRequirements: Sendable {
    /// Of the standard library's and Testing's protocols that our types conform to.
    private static let standard: Set<String> = [
        "==(_:_:)", "<(_:_:)", "hash(into:)", "hashValue", "description", "debugDescription",
        "testDescription", "customMirror", "rawValue", "init(rawValue:)", "allCases", "id",
        "unownedExecutor", "enqueue(_:)", "isIsolatingCurrentContext()", "checkIsolated()",
        "asUnownedSerialExecutor()", "asUnownedTaskExecutor()", "isMainExecutor",
        "makeIterator()", "makeAsyncIterator()", "next()", "next(isolation:)", "startIndex",
        "endIndex", "index(after:)", "init(from:)", "encode(to:)", "init(stringLiteral:)",
        "init(integerLiteral:)", "init(arrayLiteral:)", "init(dictionaryLiteral:)", "write(_:)",
        // Of swift-argument-parser and swift-log.
        "run()", "validate()", "configuration", "init(argument:)", "logLevel", "metadata",
        "metadataProvider", "subscript(metadataKey:)", "log(event:)",
        "log(level:message:metadata:source:file:function:line:)",
    ]

    private var names = standard

    init(of files: [SourceFile] = []) {
        for file in files where file.area == "Sources" && file.isSwift {
            for start in file.positions(of: ["protocol"]) { collect(from: file, at: start) }
        }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    private mutating func collect(from file: SourceFile, at start: Int) {
        var opening = start
        while opening < file.tokens.count, file.word(opening) != "{" { opening += 1 }
        guard opening < file.tokens.count else { return }
        for index in opening..<file.closingBrace(matching: opening) {
            if let name = file.declaredName(at: index) { names.insert(name) }
        }
    }
}

extension SourceFile {
    /// The name, with argument labels, of the function, initialiser, subscript or property whose
    /// keyword stands at `index`; `nil` when none stands there.
    func declaredName(at index: Int) -> String? {
        switch word(index) {
        case "var", "let":
            return word(index + 1)
        case "init", "subscript":
            guard word(index - 1) != "." else { return nil }
            return word(index) + labels(from: index + 1)
        case "func":
            var name = ""
            var position = index + 1
            // An operator's name is a row of signs.
            while position < tokens.count, word(position) != "(" || name.isEmpty {
                if word(position) == "<", name.first?.isLetter == true { break }
                name += word(position)
                position += 1
            }
            let isOperator = name.first.map { $0.isLetter || $0 == "_" || $0 == "`" } != true
            return isOperator ? name + "(_:_:)" : name + labels(from: position)
        default:
            return nil
        }
    }

    /// The argument labels of the parameter list that follows `start`, as in `(_:at:)`.
    private func labels(from start: Int) -> String {
        var position = start
        while position < tokens.count, word(position) != "(" { position += 1 }
        var depth = 0
        var isAtParameter = false
        var labels = ""
        while position < tokens.count {
            let text = word(position)
            if isAtParameter {
                isAtParameter = false
                let isNamed = word(position + 1) == ":" || word(position + 2) == ":"
                if isNamed, text.first.map({ $0.isLetter || $0 == "_" }) == true {
                    labels += (text == "_" ? "_" : text) + ":"
                }
            }
            if "([{".contains(text) { depth += 1 }
            if ")]}".contains(text) { depth -= 1 }
            if depth == 0 { break }
            if depth == 1, text == "(" || text == "," { isAtParameter = true }
            position += 1
        }
        return "(\(labels))"
    }
}
