import Postgres

/// A column of a table, and what a row of ours has for it.
///
/// Rows are written many at a time: each column goes out as one array, and the statement puts them
/// side by side again.
struct PostgresColumn<Row>: Sendable {
    enum Kind: String, Sendable {
        case int = "bigint"
        case text = "text"
        case bool = "boolean"
    }

    let name: String
    let kind: Kind
    private let values: @Sendable ([Row]) -> PostgresValue

    static func int(
        _ name: String, _ value: @escaping @Sendable (Row) -> Int64?
    ) -> PostgresColumn {
        PostgresColumn(name: name, kind: .int) { .ints($0.map(value)) }
    }

    static func text(
        _ name: String, _ value: @escaping @Sendable (Row) -> String?
    ) -> PostgresColumn {
        PostgresColumn(name: name, kind: .text) { .texts($0.map(value)) }
    }

    static func bool(
        _ name: String, _ value: @escaping @Sendable (Row) -> Bool
    ) -> PostgresColumn {
        PostgresColumn(name: name, kind: .bool) { .bools($0.map(value)) }
    }

    private init(
        name: String, kind: Kind, values: @escaping @Sendable ([Row]) -> PostgresValue
    ) {
        self.name = name
        self.kind = kind
        self.values = values
    }

    func array(of rows: [Row]) -> PostgresValue { values(rows) }
}

/// A statement that writes rows of one kind, and its columns.
struct PostgresRows<Row>: Sendable {
    private let text: PostgresText
    private let columns: [PostgresColumn<Row>]

    /// Adds rows to `table`, in order.
    static func inserting(into table: String, _ columns: [PostgresColumn<Row>]) -> PostgresRows {
        let names = columns.map(\.name).joined(separator: ", ")
        return PostgresRows(
            text: "INSERT INTO \(table)(\(names)) SELECT * FROM \(source(columns))",
            columns: columns)
    }

    /// Writes rows over that are found by their first column; `also` is another assignment.
    static func updating(
        _ table: String, _ columns: [PostgresColumn<Row>], also: String? = nil
    ) -> PostgresRows {
        let assignments =
            columns.dropFirst().map { "\($0.name) = u.\($0.name)" } + (also.map { [$0] } ?? [])
        let names = columns.map(\.name).joined(separator: ", ")
        return PostgresRows(
            text: """
                UPDATE \(table) t SET \(assignments.joined(separator: ", "))
                FROM \(source(columns)) AS u(\(names))
                WHERE t.\(columns[0].name) = u.\(columns[0].name)
                """, columns: columns)
    }

    /// Runs `text`, in which `ROWS` stands for the columns side by side.
    init(text: String, columns: [PostgresColumn<Row>]) {
        let source = Self.source(columns)
        self.text = PostgresText(
            text.split(separator: "ROWS", omittingEmptySubsequences: false)
                .joined(separator: source))
        self.columns = columns
    }

    /// The statement for `rows`; `nil` when there are none.
    func query(_ rows: [Row]) -> PostgresQuery? {
        guard !rows.isEmpty else { return nil }
        return PostgresQuery(text, columns.map { $0.array(of: rows) })
    }

    private static func source(_ columns: [PostgresColumn<Row>]) -> String {
        let parameters = columns.enumerated().map {
            "$\($0.offset + 1)::\($0.element.kind.rawValue)[]"
        }
        return "unnest(\(parameters.joined(separator: ", ")))"
    }
}
