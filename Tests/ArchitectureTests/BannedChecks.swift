/// Words that have no place in `Sources`, and what to write instead.
struct BannedPhrase: Sendable {
    let words: [String]
    let remedy: String
    /// The targets that carry the replacement out and so need the call itself.
    let exceptions: Set<String>

    init(_ words: [String], _ remedy: String, except exceptions: Set<String> = []) {
        self.words = words
        self.remedy = remedy
        self.exceptions = exceptions
    }

    private static let spawn =
        "LoopActor.spawn starts a task that stays on the loop (docs/adr/0002)"
    private static let wait = "wait with a Timer, which takes a deadline and can be stopped"
    private static let log = "write through the log, or the command's terminal"
    private static let sentence = "say in a sentence which promise was broken"
    private static let mayFail = "handle the other case, or throw"

    static let all: [BannedPhrase] = [
        BannedPhrase(
            ["pthread_self", "("],
            "uv_thread_self: the C library marks this one constant (docs/adr/0001)"),
        BannedPhrase(["Task", "{"], spawn),
        BannedPhrase(["Task", "(", ")"], spawn),
        BannedPhrase(["Task", "(", "priority"], spawn),
        BannedPhrase(["Task", "(", "executorPreference"], spawn),
        BannedPhrase(["Task", ".", "detached"], spawn, except: ["EventLoop"]),
        BannedPhrase(["Task", ".", "immediate"], spawn),
        BannedPhrase(["Task", ".", "sleep"], wait),
        BannedPhrase(["Thread", ".", "sleep"], wait),
        BannedPhrase(["sleep", "("], wait),
        BannedPhrase(["usleep", "("], wait),
        BannedPhrase(["nanosleep", "("], wait),
        BannedPhrase(["DispatchQueue"], spawn),
        BannedPhrase(["DispatchSemaphore"], "await the event; a semaphore blocks the loop"),
        BannedPhrase(["print", "("], log),
        BannedPhrase(["debugPrint", "("], log),
        BannedPhrase(["dump", "("], log),
        BannedPhrase(["fatalError", "(", ")"], sentence),
        BannedPhrase(["preconditionFailure", "(", ")"], sentence),
        BannedPhrase(["try", "!"], mayFail),
        BannedPhrase(["as", "!"], mayFail),
        BannedPhrase(["public"], "the package is a program: `package` is the widest access"),
        BannedPhrase(["open", "class"], "the package is a program: nothing is open"),
        BannedPhrase(["open", "func"], "the package is a program: nothing is open"),
        BannedPhrase(["open", "var"], "the package is a program: nothing is open"),
    ]
}

extension Check {
    static let bannedCallsAreAbsent = Check("banned calls are absent") { file in
        guard file.area == "Sources", file.isSwift else { return [] }
        return BannedPhrase.all.filter { !$0.exceptions.contains(file.target) }.flatMap { phrase in
            file.positions(of: phrase.words)
                .filter { !isAnotherThing(at: $0, in: file) }
                .map { position in
                    Finding(
                        file, line: file.tokens[position].line,
                        "no '\(phrase.words.joined())' here: \(phrase.remedy)")
                }
        }
    }

    static let droppedErrorsHaveAReason = Check("an error is dropped for a stated reason") { file in
        guard file.area == "Sources", file.isSwift else { return [] }
        let tries = file.positions(of: ["try", "?"]).map {
            file.tokens[$0].line...file.tokens[$0].line
        }
        let catches = file.positions(of: ["catch", "{", "}"]).map {
            file.tokens[$0].line...file.tokens[$0 + 2].line
        }
        return (tries + catches).filter { lines in
            !lines.contains(where: file.commentLines.contains)
        }
        .map {
            Finding(
                file, line: $0.lowerBound,
                "handle the error, or say in a comment right there why it cannot matter")
        }
    }

    /// A member of that name is not the global function; nor is what the file itself declares.
    private static func isAnotherThing(at position: Int, in file: SourceFile) -> Bool {
        guard file.word(position - 1) == "." else {
            return !file.positions(of: ["func", file.word(position)]).isEmpty
        }
        return !["Glibc", "Swift"].contains(file.word(position - 2))
    }
}
