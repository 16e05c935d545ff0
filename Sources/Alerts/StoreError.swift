/// Why a store could not do what was asked; nothing of it was done.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    package enum Kind: String, Sendable, Equatable {
        /// Another process holds the database.
        case busy
        /// The disk or the configured size is used up.
        case full
        /// The file or its file system can't be written.
        case readOnly = "read_only"
        /// The operating system failed to read or write.
        case inputOutput = "io"
        /// The file is damaged.
        case corrupt
        /// The file is not a store of this gateway.
        case foreign
        /// The store was written by a newer version of the gateway.
        case newerSchema = "newer_schema"
        /// The master key is not the one that the store was sealed with.
        case wrongMasterKey = "wrong_master_key"
        /// The store was closed.
        case closed
        /// What was asked contradicts what is stored, such as an id that exists twice.
        case conflict
        /// Anything else.
        case other
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// What was tried, what came back and what to do, without any stored value.
    package let message: String

    /// Makes an error.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message, for logs.
    package var description: String { message }

    /// Whether the same call may succeed later without anybody changing the call.
    package var isRetryable: Bool {
        switch kind {
        case .busy, .full, .readOnly, .inputOutput, .closed: true
        case .corrupt, .foreign, .newerSchema, .wrongMasterKey, .conflict, .other: false
        }
    }
}
