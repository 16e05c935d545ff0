import COpenSSL

/// Authenticated encryption with AES-256-GCM.
///
/// A sealed message is nonce (12 bytes), ciphertext, tag (16 bytes). Nonces are random, so one key
/// may seal at most 2^32 messages. Source: NIST SP 800-38D, sections 5.2.1.1, 7.1 and 8.3.
package struct AEAD: Sendable {
    /// The length of a key in bytes.
    package static let keyBytesCount = 32
    /// What sealing adds to the length of a message in bytes: nonce and tag.
    package static let overheadBytesCount = nonceBytesCount + tagBytesCount
    /// 16 MiB: far above any secret, far below what OpenSSL takes in one call (2^31 - 1 bytes).
    package static let messageBytesMax = 16 << 20

    static let nonceBytesCount = 12
    static let tagBytesCount = 16

    private let key: Secret

    /// A cipher under `key`.
    ///
    /// - Throws: `CryptoError.keyLength` unless the key has 32 bytes.
    package init(key: Secret) throws(CryptoError) {
        guard key.count == Self.keyBytesCount else {
            throw .keyLength(expected: Self.keyBytesCount, actual: key.count)
        }
        self.key = key
    }

    /// Seals `message`; only the same key and the same `associatedData` open it again.
    ///
    /// - Throws: `CryptoError` when there is no entropy or memory, or the message is too long.
    package func seal(
        _ message: Secret, associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let nonce = try SecureRandom.bytes(Self.nonceBytesCount)
        return try seal(message, nonce: nonce, associatedData: associatedData)
    }

    /// Opens what `seal` made.
    ///
    /// - Throws: `CryptoError.authenticationFailed` for a wrong key, other associated data or
    ///   changed bytes, which can't be told apart; `messageLength` for what no `seal` makes.
    package func open(
        _ sealed: [UInt8], associatedData: [UInt8]
    ) throws(CryptoError) -> Secret {
        let messageCount = sealed.count - Self.overheadBytesCount
        guard (0...Self.messageBytesMax).contains(messageCount) else {
            throw .messageLength(sealed.count)
        }
        let run = try GCMRun()
        try run.start(isSealing: false, key: key, nonce: sealed[..<Self.nonceBytesCount])
        try run.authenticate(associatedData[...])
        let ciphertextEnd = Self.nonceBytesCount + messageCount
        var message = try run.update(sealed[Self.nonceBytesCount..<ciphertextEnd])
        let secret = Secret(wiping: &message)
        // The plaintext stays inside until its tag has proved it: on a throw, deinit wipes it.
        try run.verify(tag: sealed[ciphertextEnd...])
        return secret
    }

    /// Seals under a given nonce, which must never repeat under one key: for published vectors.
    func seal(
        _ message: Secret, nonce: [UInt8], associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard message.count <= Self.messageBytesMax else { throw .messageLength(message.count) }
        let run = try GCMRun()
        try run.start(isSealing: true, key: key, nonce: nonce[...])
        try run.authenticate(associatedData[...])
        let ciphertext = try message.withBytes { (message) throws(CryptoError) in
            try run.update(message)
        }
        return nonce + ciphertext + (try run.tag())
    }
}
