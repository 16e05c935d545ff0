/// Checks the bytes between the chunks of a chunked body.
///
/// llhttp reads them too; this makes sure that no line is ended by a bare CR or LF, no size is
/// padded, and extensions stay short. Source: RFC 9112, section 7.1.
struct ChunkFraming: Sendable, Equatable {
    private enum Phase: Sendable, Equatable {
        case sizeStart, size, chunkExtension, sizeLineFeed, dataEnd, dataLineFeed
    }

    private var phase = Phase.sizeStart
    private var digitCount = 0
    private var extensionBytes = 0

    /// A size of more digits than this can't be meant, and 15 fit in 64 bits.
    private static let digitsMax = 15

    /// Reads the next bytes that aren't content.
    mutating func check(_ bytes: Span<UInt8>, extensionBytesMax: Int) throws(HeadFault) {
        for index in bytes.indices {
            let byte = bytes[index]
            switch phase {
            case .sizeStart:
                guard byte.hexadecimalValue != nil else { throw .chunk }
                digitCount = 1
                phase = .size
            case .size: try checkSize(byte)
            case .chunkExtension:
                guard byte != .carriageReturn else {
                    phase = .sizeLineFeed
                    continue
                }
                guard byte.isFieldValueByte, byte < 0x7f else { throw .chunk }
                extensionBytes += 1
                guard extensionBytes <= extensionBytesMax else { throw .chunkExtensionTooLarge }
            case .sizeLineFeed:
                guard byte == .lineFeed else { throw .chunk }
                phase = .dataEnd
            case .dataEnd:
                guard byte == .carriageReturn else { throw .chunk }
                phase = .dataLineFeed
            case .dataLineFeed:
                guard byte == .lineFeed else { throw .chunk }
                phase = .sizeStart
            }
        }
    }

    private mutating func checkSize(_ byte: UInt8) throws(HeadFault) {
        switch byte {
        case .carriageReturn: phase = .sizeLineFeed
        case UInt8(ascii: ";"): phase = .chunkExtension
        default:
            digitCount += 1
            guard byte.hexadecimalValue != nil, digitCount <= Self.digitsMax else { throw .chunk }
        }
    }
}
