package import Alerts
import Postgres

/// Where a store in PostgreSQL is: a database and who we are there.
///
/// May hold a password, and so can't be printed in whole.
package struct PostgresLocation: Sendable, Equatable, CustomStringConvertible {
    let address: PostgresAddress

    /// Reads `postgres://user:password@host/database`.
    ///
    /// - Throws: `other` when it is no such address; nothing of it is repeated.
    package init(_ text: String) throws(StoreError) {
        do throws(PostgresError) {
            address = try PostgresAddress(text)
        } catch {
            throw StoreError(.other, error.message)
        }
    }

    /// Whether a password stands in the address itself.
    package var hasPassword: Bool { address.hasPassword }

    /// Whether what is sent may leave this machine.
    package var isRemote: Bool { address.isRemote }

    /// Host and database.
    package var description: String { "\(address)" }
}
