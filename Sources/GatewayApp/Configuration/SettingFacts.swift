/// What somebody has to know of a setting before they set it.
///
/// Words of code stand in backticks, as the reference in `docs/configuration.md` has them.
package struct SettingFacts: Sendable {
    /// The flags of `serve` for it; none for what may not be given as an argument.
    package let flags: [String]
    /// What counts when nothing is given.
    package let standard: String
    /// What it may be.
    package let values: String
    /// What it does.
    package let meaning: String
    /// Where the documents say more: a place seen from `docs/configuration.md`.
    package let more: String?

    init(
        _ flags: String..., values: String, standard: String = "unset", _ meaning: String,
        more: String? = nil
    ) {
        self.flags = flags
        self.standard = standard
        self.values = values
        self.meaning = meaning
        self.more = more
    }

    /// All of it in one paragraph without marks, as `--help` shows it.
    package func help(for setting: Setting) -> String {
        let text = "\(meaning) (\(setting.variable): \(values); default: \(standard))"
        return text.filter { $0 != "`" }
    }

    /// All settings as a table in Markdown.
    package static var table: String {
        let head = "| variable | flag | values | default | meaning |\n|---|---|---|---|---|"
        return Setting.allCases.reduce(into: head) { table, setting in
            let facts = setting.facts
            let flags = facts.flags.map { "`\($0)`" }.joined(separator: ", ")
            let more = facts.more.map { " [More](\($0))" } ?? ""
            table += "\n| `\(setting.variable)` | \(flags) | \(facts.values) | "
            table += "\(facts.standard) | \(facts.meaning)\(more) |"
        }
    }
}

/// The whole numbers that settings may be.
enum SettingBounds {
    /// Bytes of a webhook's body: below, a small incident has no room; above, memory has none.
    static let maxBodyBytes = 1024...268_435_456
    /// Days: a hundred years stand for ever.
    static let retentionDays = 1...36_500
    /// Bytes of the journal: below, one block would be all of it.
    static let journalBytes = 1_048_576...(1 << 50)
    /// Seconds between two readings.
    static let reconcileSeconds = 1...86_400
}
