/// What replicas tell each other by `NOTIFY`.
struct PostgresNews: OptionSet, Sendable {
    let rawValue: Int

    /// Something that the live stream tells.
    static let changes = PostgresNews(rawValue: 1)
    /// A close that is due.
    static let closes = PostgresNews(rawValue: 2)
    /// An integration or a source.
    static let directory = PostgresNews(rawValue: 4)
    /// Everything, for when something may have been missed.
    static let all: PostgresNews = [.changes, .closes, .directory]

    private static let names: [(name: String, news: PostgresNews)] = [
        ("changes", .changes), ("closes", .closes), ("directory", .directory),
    ]

    /// What a notification of the replica `sender` says.
    func payload(from sender: String) -> String {
        (Self.names.filter { contains($0.news) }.map(\.name) + [sender])
            .joined(separator: " ")
    }

    init(rawValue: Int) { self.rawValue = rawValue }

    /// Reads a notification; what `replica` told by itself is no news.
    ///
    /// Words that a newer version may use are passed over.
    init(_ payload: String, to replica: String) {
        let words = payload.split(separator: " ")
        self = []
        guard words.last.map({ $0 != replica }) ?? false else { return }
        for (name, news) in Self.names where words.contains(Substring(name)) { insert(news) }
    }
}
