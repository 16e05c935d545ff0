import ArgumentParser
import JSON

/// Which part of a list to show.
struct PageOptions: ParsableArguments {
    @Option(help: "Items at most, 1 to 500.")
    var limit: Int = 50
    @Option(help: "Go on after a page: its next_cursor.")
    var cursor: String?

    /// The query's members.
    var query: [(String, String?)] {
        [("limit", "\(limit)"), ("cursor", cursor)]
    }

    /// Says that there is more, if there is.
    func mention(_ answer: JSONTree) {
        guard let next = answer["next_cursor"]?.string else { return }
        Terminal.say("\nThere is more: --cursor \(next)")
    }
}

extension JSONTree {
    /// The items of a page.
    var items: [JSONTree] { self["items"]?.array ?? [] }

    /// A member's text, fit for a terminal.
    func text(_ name: String, or missing: String = "", width: Int = 60) -> String {
        self[name]?.string.map { Terminal.plain($0, width: width) } ?? missing
    }
}
