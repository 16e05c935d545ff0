/// A field line of an answer.
package struct HTTPField: Sendable, Equatable {
    /// The name, a token (RFC 9110, section 5.1).
    package let name: String
    /// The value; CR, LF and NUL in it go out as spaces, so no value can add a line.
    package let value: String

    /// Pairs a name with its value; traps when the name is not a token, which only a bug can pass.
    package init(_ name: String, _ value: String) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(\.isTokenByte), "\(name) is no field name")
        self.name = name
        self.value = value
    }
}
