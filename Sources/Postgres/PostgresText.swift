/// An SQL text that is put together once and then used for as long as the process lives.
///
/// Make each a `static let`: a connection has the server prepare it once, by its identity.
/// Its parameters are `$1`, `$2` and so on; what they are is what the text makes of them, so that a
/// number is `bigint` and a text is `text` wherever the text leaves it open.
package final class PostgresText: Sendable {
    /// The SQL.
    package let text: String

    /// Wraps `text`, which must hold one statement and no value from outside.
    package init(_ text: String) {
        self.text = text
    }
}

/// A statement with its values.
package struct PostgresQuery: Sendable {
    let text: PostgresText
    let isPrepared: Bool
    let parameters: PostgresParameters

    /// A statement that is prepared once on each connection.
    package init(_ text: PostgresText, _ values: [PostgresValue] = []) {
        self.text = text
        isPrepared = true
        parameters = PostgresParameters(values)
    }

    /// A statement whose text was put together for this one use, still without outside values.
    package init(once text: String, _ values: [PostgresValue] = []) {
        self.text = PostgresText(text)
        isPrepared = false
        parameters = PostgresParameters(values)
    }
}
