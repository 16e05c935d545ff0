/// The bounds of a TLS connection, each with its unit and its reason.
package enum TLSLimits {
    /// Bytes that are encrypted or decrypted at a time: one full record (RFC 8446, section 5.1).
    package static let chunkBytes = 16_384
    /// Bytes that an idle connection's buffers keep, each of the two.
    static let keptBytes = 2_048
    /// Bytes of a client's certificate chain; three or four certificates of common size.
    static let certificateListBytesMax = 32_768
    /// 24 hours, in seconds, that a session can be resumed: both ticket keys live that long.
    static let sessionSeconds = 86_400
    /// How often the key that seals tickets is replaced; the one before opens for as long again.
    package static let ticketKeyDuration = Duration.seconds(43_200)
}
