import CLLHTTP

/// Reads one message by llhttp: its head at once, then its content as it comes.
///
/// A connection holds one while a message comes in only, so idle connections don't pay for it.
@safe
final class MessageReader {
    private let raw: OpaquePointer
    private(set) var body: [UInt8] = []
    /// True once the last byte of the message was read.
    private(set) var isWhole = false
    /// Bytes of the message behind its head, framing included.
    private(set) var bytesRead = 0
    private var framing = ChunkFraming()
    private var trailers: HeadScanner?
    private var isChunked = false

    init() {
        guard let parser = unsafe cllhttp_parser_new() else {
            fatalError("no memory for a parser of some hundred bytes")
        }
        unsafe raw = parser
    }

    /// Starts a message with its whole head, and compares what llhttp finds in it with what the
    /// checks found.
    func begin(
        _ head: Span<UInt8>, facts: HeadFacts, into table: HeadTable
    ) throws(HeadFault) {
        let methodEnd = facts.method == .other ? facts.methodRange.upperBound : 0
        let error = unsafe head.withUnsafeBufferPointer { bytes in
            unsafe cllhttp_parse_head(
                raw, bytes.baseAddress, bytes.count, methodEnd, table.raw)
        }
        guard error == 0, table.agrees(with: facts) else { throw .disagreement }
        isChunked = facts.isChunked
        isWhole = !facts.hasBody
        bytesRead = 0
        framing = ChunkFraming()
        trailers = nil
    }

    /// Makes room for content to come.
    func reserve(_ count: Int) { body.reserveCapacity(count) }

    /// Reads on.
    ///
    /// - Returns: How many of `bytes` belong to the message; all of them unless `isWhole`.
    /// - Throws: A fault of the framing.
    func read(_ bytes: Span<UInt8>, limits: HTTPLimits) throws(HeadFault) -> Int {
        var at = 0
        while at < bytes.count, !isWhole {
            let rest = bytes.extracting(at...)
            let step = try trailers == nil ? parse(rest) : readTrailers(rest, limits)
            if isChunked, trailers == nil {
                let end = step.run.isEmpty ? step.used : step.run.lowerBound
                let framed = rest.extracting(0..<end)
                try framing.check(framed, extensionBytesMax: limits.chunkExtensionBytesMax)
            }
            append(rest.extracting(step.run))
            if step.reachesTrailers { trailers = HeadScanner(trailersWithin: limits) }
            at += step.used
        }
        bytesRead += at
        return at
    }

    /// Gives the content away and forgets it.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private struct Step {
        var used: Int
        var run: Range<Int>
        var reachesTrailers: Bool
    }

    /// Trailers are checked like a head's fields, then shown to llhttp, and dropped.
    private func readTrailers(
        _ bytes: Span<UInt8>, _ limits: HTTPLimits
    ) throws(HeadFault) -> Step {
        guard var scanner = trailers else { throw .disagreement }
        scanner.beginPiece()
        let isComplete = try scanner.scan(bytes)
        trailers = scanner
        let step = try parse(bytes.extracting(0..<scanner.position))
        guard isWhole == isComplete, step.used == scanner.position else { throw .disagreement }
        return step
    }

    private func parse(_ bytes: Span<UInt8>) throws(HeadFault) -> Step {
        let step = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe cllhttp_parse_body(raw, bytes.baseAddress, bytes.count)
        }
        // Taking up nothing without an end would never end.
        guard step.error == 0, step.consumed > 0 || step.is_whole != 0 else { throw .chunk }
        isWhole = step.is_whole != 0
        return Step(
            used: step.consumed, run: step.run_at..<step.run_at + step.run_length,
            reachesTrailers: step.reached_trailers != 0)
    }

    private func append(_ run: Span<UInt8>) {
        guard run.count > 0 else { return }
        unsafe run.withUnsafeBufferPointer { unsafe body.append(contentsOf: $0) }
    }

    deinit { unsafe cllhttp_parser_free(raw) }
}
