import Alerts
import TLS

/// Seals API keys, and the secrets of webhook endpoints, under the master key.
///
/// A record is format (1 byte), key id (8 bytes), and what `AEAD` makes: the key id says which
/// master key is needed, without telling anything about it. The id of the integration or endpoint
/// is bound to the record as associated data, so that one's secret can't be put in another's place.
struct KeySealer: Sendable {
    private static let format: UInt8 = 1
    private static let keyIDBytesCount = 8
    private static let canaryText = "bigpanda-gateway"

    private let current: Key
    /// Opens, and never seals.
    private let previous: Key?

    private struct Key: Sendable {
        let cipher: AEAD
        let id: [UInt8]

        init(_ key: Secret) throws(StoreError) {
            do throws(CryptoError) {
                cipher = try AEAD(key: key)
            } catch {
                throw StoreError(
                    .wrongMasterKey,
                    "The master key has \(key.count) bytes; it must have \(AEAD.keyBytesCount).")
            }
            let code = HMAC.sha256(Array("bigpanda-gateway key id".utf8), key: key)
            id = Array(code.prefix(keyIDBytesCount))
        }
    }

    /// - Parameters:
    ///   - masterKey: Seals and opens.
    ///   - previous: Opens what another key sealed, while keys are changed.
    /// - Throws: `wrongMasterKey` unless the keys have 32 bytes.
    init(masterKey: Secret, previous: Secret? = nil) throws(StoreError) {
        current = try Key(masterKey)
        if let previous { self.previous = try Key(previous) } else { self.previous = nil }
    }

    /// Tells the key that seals from others, and nothing about it.
    var fingerprint: String { Hex.encode(current.id) }

    /// Whether a record was sealed by the key that seals now.
    func isCurrent(_ record: [UInt8]) -> Bool {
        Self.keyID(of: record).map { Array($0) } == current.id
    }

    func seal(_ key: APIKey, for id: IntegrationID) throws(StoreError) -> [UInt8] {
        try seal(Secret(key.secretText), context: "api-key/\(id)")
    }

    func open(_ record: [UInt8], for id: IntegrationID) throws(StoreError) -> APIKey {
        APIKey(Self.text(try open(record, context: "api-key/\(id)")))
    }

    func seal(_ secret: SigningSecret, for id: EndpointID) throws(StoreError) -> [UInt8] {
        try seal(Secret(secret.secretText), context: "webhook-secret/\(id)")
    }

    func openSecret(_ record: [UInt8], for id: EndpointID) throws(StoreError) -> SigningSecret {
        SigningSecret(Self.text(try open(record, context: "webhook-secret/\(id)")))
    }

    /// A record that only this master key opens, to recognise it by.
    func canary() throws(StoreError) -> [UInt8] {
        try seal(Secret(Self.canaryText), context: "canary")
    }

    /// - Throws: `wrongMasterKey` unless `record` is this master key's canary.
    func check(canary record: [UInt8]) throws(StoreError) {
        _ = try open(record, context: "canary")
    }

    /// What `record` holds, sealed by the key that seals now.
    func reseal(_ record: [UInt8], for id: IntegrationID) throws(StoreError) -> [UInt8] {
        try seal(try open(record, for: id), for: id)
    }

    /// What an endpoint's records hold, sealed by the key that seals now.
    func reseal(_ secrets: SealedSecrets) throws(StoreError) -> SealedSecrets {
        let id = secrets.id
        var previous: [UInt8]?
        if let record = secrets.previous {
            previous = try seal(openSecret(record, for: id), for: id)
        }
        return SealedSecrets(
            id: id, current: try seal(openSecret(secrets.current, for: id), for: id),
            previous: previous)
    }

    private static func text(_ secret: Secret) -> String {
        secret.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
    }

    private func seal(_ secret: Secret, context: String) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            let sealed = try current.cipher.seal(secret, associatedData: Array(context.utf8))
            return [Self.format] + current.id + sealed
        } catch {
            throw StoreError(.other, "Sealing a secret failed: \(error).")
        }
    }

    private func open(_ record: [UInt8], context: String) throws(StoreError) -> Secret {
        guard let id = Self.keyID(of: record).map({ Array($0) }) else {
            throw StoreError(.corrupt, "A sealed secret in the store has no known format.")
        }
        guard let key = [current, previous].compactMap({ $0 }).first(where: { $0.id == id }) else {
            let given = [current, previous].compactMap { $0.map { Hex.encode($0.id) } }
            throw StoreError(
                .wrongMasterKey,
                """
                The master key is not the one that the store was sealed with: the store wants key \
                \(Hex.encode(id)), the one given is \(given.joined(separator: " or ")).
                """)
        }
        do throws(CryptoError) {
            return try key.cipher.open(
                Array(record[(1 + Self.keyIDBytesCount)...]),
                associatedData: Array(context.utf8))
        } catch {
            throw StoreError(.corrupt, "A sealed secret in the store was changed: \(error).")
        }
    }

    /// Which key sealed a record; `nil` when it is no record.
    private static func keyID(of record: [UInt8]) -> ArraySlice<UInt8>? {
        guard record.count > 1 + keyIDBytesCount, record[0] == format else { return nil }
        return record[1...keyIDBytesCount]
    }
}
