import Alerts
package import EventLoop
import TLS

/// Tells whether a text holds something that nobody may read.
///
/// The admin token, API keys and what webhooks to endpoints are signed with are found wherever they
/// stand; of webhook secrets and named tokens only hashes are kept, so these are found as words,
/// and inside words too when they were just shown.
@LoopActor
package struct SecretDetector {
    private let directory: Directory
    private let tokenMarks: SecretMarks

    /// Looks for the secrets that `directory` knows, and for the admin token.
    package init(directory: Directory, authenticator: AdminAuthenticator) {
        self.directory = directory
        tokenMarks = authenticator.tokenMarks
    }

    /// Whether a secret stands in `value`.
    package func finds(in value: Span<UInt8>) -> Bool {
        guard value.count >= SecretMarks.bytesMin else { return false }
        var isFound = false
        forEachPlace(in: value) { _ in isFound = true }
        return isFound
    }

    /// `body` with stars in the place of each secret, and of `shown` wherever it stands; the very
    /// bytes when there is none.
    ///
    /// A body is kept as it came and its texts are shown, so a secret in it would be too. Stars
    /// leave JSON what it was.
    package func masked(_ body: [UInt8], shown: BearerToken) -> [UInt8] {
        var masked = body
        func hide(_ place: Range<Int>) {
            for index in place { masked[index] = UInt8(ascii: "*") }
        }
        forEachPlace(in: body.span, hide)
        shown.withBytes { SecretMarks.forEachPlace(of: $0.span, in: body.span, hide) }
        return masked
    }

    private func forEachPlace(in text: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        tokenMarks.forEachPlace(in: text, body)
        directory.secretMarks.forEachPlace(in: text, body)
        forEachWord(of: Directory.secretBytesCount, in: text, body)
        if directory.tokenCount > 0 { forEachWord(of: AdminToken.textBytesCount, in: text, body) }
    }

    private func forEachWord(
        of count: Int, in text: Span<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        var index = 0
        while let place = Self.nextWord(of: count, in: text, from: &index) {
            if directory.isSecret(text.extracting(place)) { body(place) }
        }
    }

    /// The next word that is `count` bytes long; the first is looked for from 0.
    ///
    /// Such a word covers one of any `count` places in a row, so most bytes are never looked at.
    private static func nextWord(
        of count: Int, in text: Span<UInt8>, from index: inout Int
    ) -> Range<Int>? {
        while index + count <= text.count {
            // Before `index` no word goes on.
            let middle = index + count - 1
            var (start, end) = (middle, middle)
            while end < text.count, !isSeparator(text[end]) { end += 1 }
            index = end + 1
            guard end > middle else { continue }
            while start > 0, !isSeparator(text[start - 1]) { start -= 1 }
            if end - start == count { return start..<end }
        }
        return nil
    }

    /// What can stand beside a word: nothing that is part of a webhook secret.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            false
        case _: true
        }
    }
}
