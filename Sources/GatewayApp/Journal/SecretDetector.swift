package import EventLoop

/// Tells whether a text holds something that nobody may read.
@LoopActor
package struct SecretDetector {
    private let directory: Directory
    private let authenticator: AdminAuthenticator
    /// Shorter texts are no secret: tokens have 16 bytes or more, and generated secrets 43.
    private static let secretBytesMin = 16

    /// Looks for the webhook secrets and API keys of `directory`, and for the admin token.
    package init(directory: Directory, authenticator: AdminAuthenticator) {
        self.directory = directory
        self.authenticator = authenticator
    }

    /// Whether `value`, or a word in it, is a secret.
    package func finds(in value: Span<UInt8>) -> Bool {
        guard value.count >= Self.secretBytesMin else { return false }
        if isSecret(value) { return true }
        var start = 0
        for index in value.indices where Self.isSeparator(value[index]) {
            if isSecret(value.extracting(start..<index)) { return true }
            start = index + 1
        }
        return start > 0 && isSecret(value.extracting(start...))
    }

    private func isSecret(_ word: Span<UInt8>) -> Bool {
        guard word.count >= Self.secretBytesMin else { return false }
        return directory.isSecret(word) || authenticator.isToken(word)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="), UInt8(ascii: "&"), UInt8(ascii: ":"), UInt8(ascii: "\""):
            true
        case _: false
        }
    }
}
