/// Why a document is not the JSON that we read.
///
/// Carries no part of the document, so that it can be logged and sent back.
package struct JSONError: Error, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words that stay the same.
    package enum Reason: String, Sendable, CaseIterable {
        /// No value at all: no bytes, or white space only.
        case empty
        /// More bytes than the parser takes.
        case tooLarge = "too_large"
        /// More values than `JSONLimits.valuesMax`.
        case tooManyValues = "too_many_values"
        /// Containers nest deeper than `JSONLimits.depthMax`.
        case tooDeep = "too_deep"
        /// A string is not UTF-8.
        case notUTF8 = "not_utf8"
        /// A byte that the grammar doesn't allow where it stands.
        case unexpectedByte = "unexpected_byte"
        /// The document stops short.
        case unexpectedEnd = "unexpected_end"
        /// A number against the grammar, such as `1.` or `-`.
        case badNumber = "bad_number"
        /// An escape that JSON doesn't have.
        case badEscape = "bad_escape"
        /// A control character inside a string that should have been escaped.
        case controlCharacter = "control_character"
        /// Something other than white space follows the value.
        case trailingBytes = "trailing_bytes"
        /// There was no memory to read it.
        case outOfMemory = "out_of_memory"
    }

    /// What is wrong.
    package let reason: Reason
    /// The place of the first offending byte, counted from 0, where there is one.
    package let offset: Int?

    init(_ reason: Reason, at offset: Int? = nil) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason and the place, such as `unexpected_byte at byte 12`.
    package var description: String {
        guard let offset else { return reason.rawValue }
        return "\(reason.rawValue) at byte \(offset)"
    }
}
