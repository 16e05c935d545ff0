/// The gateway's own name for one `Subject`, unique for all time; never an id of BigPanda's.
package struct Identifier<Subject>: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id as the API and the store write it.
    package let text: String

    /// Takes over an id that was made or stored before.
    package init(_ text: String) {
        self.text = text
    }

    /// The id itself, which is no secret.
    package var description: String { text }

    /// Orders by text, so that stores can lock rows in one order.
    package static func < (lhs: Identifier, rhs: Identifier) -> Bool {
        lhs.text < rhs.text
    }
}

/// Names an alert.
package typealias AlertID = Identifier<Alert>
/// Names a source.
package typealias SourceID = Identifier<Source>
/// Names an integration.
package typealias IntegrationID = Identifier<Integration>
/// Names a close.
package typealias CloseID = Identifier<Close>
/// Names one of a source's secrets.
package typealias SecretID = Identifier<SourceSecret>
