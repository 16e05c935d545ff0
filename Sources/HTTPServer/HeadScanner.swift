/// Checks a request's head, byte by byte, before any parser acts on it.
///
/// It goes on where it stopped, so a head that comes in pieces is read once, and it refuses at the
/// first byte that can't be right, so a peer that doesn't speak HTTP isn't waited for.
/// Pure: no I/O, no clock. Source: RFC 9112, sections 2.2 to 6.3.
struct HeadScanner: Sendable {
    enum Phase: Sendable, Equatable {
        case start, startLineFeed, method, targetStart, target, version, requestLineFeed
        case fieldStart, fieldName, fieldValue, fieldLineFeed, endLineFeed, complete
    }

    private(set) var facts = HeadFacts()
    /// How many bytes were looked at; once complete, the head's length.
    private(set) var position = 0
    /// Where the request line starts: behind an empty line, if there was one.
    private(set) var lineStart = 0
    private var phase: Phase
    private var partStart = 0
    private var nameEnd = 0
    private var earlierBytes = 0
    private let isTrailerSection: Bool
    // The four limits that matter here, not all of them: a connection carries this value.
    private let requestLineBytesMax: Int
    private let methodBytesMax: Int
    private let sectionBytesMax: Int
    private let fieldsMax: Int

    init(limits: HTTPLimits) {
        requestLineBytesMax = limits.requestLineBytesMax
        methodBytesMax = limits.methodBytesMax
        sectionBytesMax = limits.headBytesMax
        fieldsMax = limits.fieldsMax
        isTrailerSection = false
        phase = .start
    }

    /// Checks a trailer section, which has the form of a head's fields.
    init(trailersWithin limits: HTTPLimits) {
        requestLineBytesMax = 0
        methodBytesMax = 0
        sectionBytesMax = limits.trailerBytesMax
        fieldsMax = limits.fieldsMax
        isTrailerSection = true
        phase = .fieldStart
    }

    /// True once a byte was looked at.
    var hasStarted: Bool { position > 0 }

    /// True once the empty line was seen; `position` stands behind it.
    var isComplete: Bool { phase == .complete }

    /// Reads on.
    ///
    /// - Parameter bytes: The message from its first byte, longer than at the last call.
    /// - Returns: True when the head is complete.
    /// - Throws: What is wrong with it, at the first byte that shows it.
    mutating func scan(_ bytes: Span<UInt8>) throws(HeadFault) -> Bool {
        while position < bytes.count, phase != .complete {
            switch phase {
            case .start, .startLineFeed: try scanStart(bytes[position])
            case .method: try scanMethod(bytes)
            case .targetStart: try scanTargetStart(bytes[position])
            case .target: try scanTarget(bytes)
            case .version: try scanVersion(bytes)
            case .fieldStart: try scanFieldStart(bytes[position])
            case .fieldName: try scanFieldName(bytes)
            case .fieldValue: try scanFieldValue(bytes)
            case .requestLineFeed, .fieldLineFeed, .endLineFeed: try scanLineFeed(bytes)
            case .complete: break
            }
        }
        if earlierBytes + position > sectionBytesMax {
            throw isTrailerSection ? .trailersTooLarge : .headTooLarge
        }
        return phase == .complete
    }

    /// Goes on with bytes that follow those given so far, which are gone; for trailers, whose
    /// names and values nobody looks at again.
    mutating func beginPiece() {
        earlierBytes += position
        position = 0
        // In front of the piece, so that a name cut by its edge doesn't count as empty.
        partStart = -1
    }

    /// One empty line before a request line is let pass (RFC 9112, section 2.2).
    private mutating func scanStart(_ byte: UInt8) throws(HeadFault) {
        if phase == .startLineFeed {
            guard byte == .lineFeed else { throw .lineEnd }
            lineStart = position + 1
            partStart = lineStart
            phase = .method
        } else if byte == .carriageReturn {
            phase = .startLineFeed
        } else {
            phase = .method
            return
        }
        position += 1
    }

    private mutating func scanMethod(_ bytes: Span<UInt8>) throws(HeadFault) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == .space {
                guard position > partStart else { throw .method }
                facts.methodRange = partStart..<position
                facts.method = HTTPMethod(bytes.extracting(facts.methodRange))
                phase = .targetStart
                position += 1
                return
            }
            guard byte.isTokenByte, position - partStart < methodBytesMax else {
                throw .method
            }
            position += 1
        }
    }

    private mutating func scanTargetStart(_ byte: UInt8) throws(HeadFault) {
        switch (facts.method, byte) {
        case (.connect, _): facts.targetForm = .authority
        case (_, UInt8(ascii: "/")): facts.targetForm = .origin
        case (.options, UInt8(ascii: "*")): facts.targetForm = .asterisk
        case (_, UInt8(ascii: "h")), (_, UInt8(ascii: "H")): facts.targetForm = .absolute
        default: throw .target
        }
        partStart = position
        phase = .target
    }

    private mutating func scanTarget(_ bytes: Span<UInt8>) throws(HeadFault) {
        while position < bytes.count, bytes[position].isTargetByte { position += 1 }
        guard position - lineStart <= requestLineBytesMax else { throw .requestLineTooLong }
        if facts.targetForm == .absolute {
            try checkScheme(bytes.extracting(partStart..<position))
        }
        guard position < bytes.count else { return }
        guard bytes[position] == .space else {
            throw bytes[position] == .carriageReturn ? .version : .target
        }
        facts.target = partStart..<position
        try settleTarget(bytes)
        position += 1
        partStart = position
        phase = .version
    }

    private mutating func scanVersion(_ bytes: Span<UInt8>) throws(HeadFault) {
        let expected: StaticString = "HTTP/1."
        while position < bytes.count {
            let (byte, index) = (bytes[position], position - partStart)
            if index < expected.utf8CodeUnitCount {
                guard unsafe byte == expected.utf8Start[index] else { throw .version }
            } else if index == expected.utf8CodeUnitCount {
                guard byte.isDigit else { throw .version }
                facts.minorVersion = byte - UInt8(ascii: "0")
                facts.minorVersionAt = position
            } else {
                guard byte == .carriageReturn else { throw .version }
                guard position - lineStart <= requestLineBytesMax else {
                    throw .requestLineTooLong
                }
                phase = .requestLineFeed
                position += 1
                return
            }
            position += 1
        }
    }

    private mutating func scanFieldStart(_ byte: UInt8) throws(HeadFault) {
        if byte == .carriageReturn {
            phase = .endLineFeed
            position += 1
            return
        }
        guard byte != .space, byte != .tab else { throw .foldedField }
        guard facts.fieldCount < fieldsMax else {
            throw isTrailerSection ? .trailersTooLarge : .fieldsTooMany
        }
        partStart = position
        phase = .fieldName
    }

    private mutating func scanFieldName(_ bytes: Span<UInt8>) throws(HeadFault) {
        while position < bytes.count, bytes[position].isTokenByte { position += 1 }
        guard position < bytes.count else { return }
        guard bytes[position] == UInt8(ascii: ":"), position > partStart else {
            throw bytes[position] == .lineFeed ? .lineEnd : .fieldName
        }
        nameEnd = position
        position += 1
        phase = .fieldValue
    }

    private mutating func scanFieldValue(_ bytes: Span<UInt8>) throws(HeadFault) {
        while position < bytes.count, bytes[position].isFieldValueByte { position += 1 }
        guard position < bytes.count else { return }
        guard bytes[position] == .carriageReturn else {
            throw bytes[position] == .lineFeed ? .lineEnd : .fieldValue
        }
        position += 1
        phase = .fieldLineFeed
    }

    private mutating func scanLineFeed(_ bytes: Span<UInt8>) throws(HeadFault) {
        guard bytes[position] == .lineFeed else { throw .lineEnd }
        if phase == .fieldLineFeed {
            facts.fieldCount += 1
            // A trailer's name may lie in bytes that are gone; trailers are dropped anyway.
            if !isTrailerSection {
                try facts.note(
                    bytes, name: partStart..<nameEnd, paddedValue: nameEnd + 1..<position - 1)
            }
        }
        position += 1
        guard phase == .endLineFeed else { return phase = .fieldStart }
        phase = .complete
        if !isTrailerSection { try facts.checkWhole() }
    }

    /// The whole target is there: finds its parts.
    private mutating func settleTarget(_ bytes: Span<UInt8>) throws(HeadFault) {
        var pathStart = facts.target.lowerBound
        switch facts.targetForm {
        case .asterisk:
            guard facts.target.count == 1 else { throw .target }
            return
        case .authority:
            guard HostField.isValid(bytes.extracting(facts.target), needsPort: true) else {
                throw .target
            }
            return
        case .absolute:
            guard let range = HostField.authority(in: bytes, target: facts.target) else {
                throw .target
            }
            pathStart = range.upperBound
        case .origin: break
        }
        var pathEnd = pathStart
        while pathEnd < facts.target.upperBound, bytes[pathEnd] != UInt8(ascii: "?") {
            pathEnd += 1
        }
        facts.path = pathStart..<pathEnd
        if pathEnd < facts.target.upperBound { facts.query = pathEnd + 1..<facts.target.upperBound }
    }

    /// Refuses a target that starts like `http://` and then goes another way.
    private func checkScheme(_ target: Span<UInt8>) throws(HeadFault) {
        let secure = target.count > 4 && target[4].lowercased == UInt8(ascii: "s")
        let scheme: StaticString = secure ? "https://" : "http://"
        for index in 0..<min(target.count, scheme.utf8CodeUnitCount) {
            guard unsafe target[index].lowercased == scheme.utf8Start[index] else {
                throw .target
            }
        }
    }
}
