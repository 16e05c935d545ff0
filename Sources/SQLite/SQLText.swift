/// An SQL text that is put together once and then used for as long as the process lives.
///
/// For texts that share lists of columns, which a literal can't. Make each a `static let`: a
/// connection keeps its compiled statement by this object's identity.
package final class SQLText: Sendable {
    /// The SQL.
    package let text: String

    /// Wraps `text`, which must hold one statement and no value from outside.
    package init(_ text: String) {
        self.text = text
    }
}
