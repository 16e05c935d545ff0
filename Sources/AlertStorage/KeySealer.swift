import Alerts
import TLS

/// Seals API keys under the master key.
///
/// A record is format (1 byte), key id (8 bytes), and what `AEAD` makes: the key id says which
/// master key is needed, without telling anything about it. The integration's id is bound to the
/// record as associated data, so that one integration's key can't be put in another's place.
struct KeySealer: Sendable {
    private static let format: UInt8 = 1
    private static let keyIDBytesCount = 8
    private static let canaryText = "bigpanda-gateway"

    private let cipher: AEAD
    private let keyID: [UInt8]

    /// - Throws: `wrongMasterKey` unless the key has 32 bytes.
    init(masterKey: Secret) throws(StoreError) {
        do throws(CryptoError) {
            cipher = try AEAD(key: masterKey)
        } catch {
            throw StoreError(
                .wrongMasterKey,
                "The master key has \(masterKey.count) bytes; it must have \(AEAD.keyBytesCount).")
        }
        let code = HMAC.sha256(Array("bigpanda-gateway key id".utf8), key: masterKey)
        keyID = Array(code.prefix(Self.keyIDBytesCount))
    }

    func seal(_ key: APIKey, for id: IntegrationID) throws(StoreError) -> [UInt8] {
        try seal(Secret(key.secretText), context: "api-key/\(id)")
    }

    func open(_ record: [UInt8], for id: IntegrationID) throws(StoreError) -> APIKey {
        let secret = try open(record, context: "api-key/\(id)")
        let text = secret.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        return APIKey(text)
    }

    /// A record that only this master key opens, to recognise it by.
    func canary() throws(StoreError) -> [UInt8] {
        try seal(Secret(Self.canaryText), context: "canary")
    }

    /// - Throws: `wrongMasterKey` unless `record` is this master key's canary.
    func check(canary record: [UInt8]) throws(StoreError) {
        _ = try open(record, context: "canary")
    }

    private func seal(_ secret: Secret, context: String) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            let sealed = try cipher.seal(secret, associatedData: Array(context.utf8))
            return [Self.format] + keyID + sealed
        } catch {
            throw StoreError(.other, "Sealing a secret failed: \(error).")
        }
    }

    private func open(_ record: [UInt8], context: String) throws(StoreError) -> Secret {
        let headCount = 1 + Self.keyIDBytesCount
        guard record.count > headCount, record[0] == Self.format else {
            throw StoreError(.corrupt, "A sealed secret in the store has no known format.")
        }
        guard Array(record[1..<headCount]) == keyID else {
            throw StoreError(
                .wrongMasterKey,
                """
                The master key is not the one that the store was sealed with: the store wants key \
                \(Hex.encode(Array(record[1..<headCount]))), the one given is \
                \(Hex.encode(keyID)).
                """)
        }
        do throws(CryptoError) {
            return try cipher.open(
                Array(record[headCount...]), associatedData: Array(context.utf8))
        } catch {
            throw StoreError(.corrupt, "A sealed secret in the store was changed: \(error).")
        }
    }
}
