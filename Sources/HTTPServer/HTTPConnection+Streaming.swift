import EventLoop

// Answers whose content is sent piece by piece.
extension HTTPConnection {
    func stream(_ head: HTTPResponse, toExchange exchange: UInt64) -> HTTPBodyStream? {
        guard isWaiting(forExchange: exchange) else { return nil }
        turn { beginStream(head) }
        return stream
    }

    private func beginStream(_ head: HTTPResponse) {
        let facts = self.head?.facts ?? scanner.facts
        let isChunked = facts.minorVersion > 0
        let isHead = facts.method == .head
        let closes =
            head.closesConnection || state.isLastExchange || server.isDraining
            || (!isChunked && !isHead)
        let framing = ResponseEncoder.Framing(
            isHead: isHead, closes: closes, announcesKeepAlive: !isChunked,
            end: isChunked ? .lastChunk : .close, requestID: self.head?.requestID ?? "")
        server.encode(head, framing, to: &outbound)
        if closes { state.pipelineDropped() }
        state.streamBegan()
        stream = HTTPBodyStream(self, isChunked: isChunked, statusCode: head.status.code)
        if isHead || server.isDraining { return finishStream(isHead: isHead) }
        act(state.inputUsedUp())
    }

    /// Sends a piece of content.
    func write(_ bytes: Span<UInt8>, isChunked: Bool) {
        turn {
            if isChunked { outbound.appendChunkSize(bytes.count) }
            unsafe bytes.withUnsafeBufferPointer { unsafe outbound.append(contentsOf: $0) }
            if isChunked { outbound.append(spelling: "\r\n") }
        }
    }

    /// The content is whole.
    func endStream() {
        turn { finishStream() }
    }

    /// The server ends: what is under way is finished, what lasts is ended.
    ///
    /// A peer that lags behind would hold the end up, and learns of it by the connection's.
    func drainStarted() {
        state.drainStarted()
        guard let stream else { return }
        guard stream.isWritable else { return act(state.failed()) }
        endStream()
        stream.onEnd?()
    }

    private func finishStream(isHead: Bool = false) {
        guard let stream = stream.take() else { return }
        if stream.isChunked, !isHead { outbound.append(spelling: "0\r\n\r\n") }
        report(stream.statusCode, stream.bytesWritten)
        let action = state.answered(closes: !stream.isChunked && !isHead)
        phaseStart = LoopActor.executor.now
        releaseMessage()
        act(action)
        // A handler that ends at once is inside `consume`, which goes on by itself.
        if action == .readOn, !isConsuming { takeHeld() }
    }
}

extension [UInt8] {
    /// Begins a chunk (RFC 9112, section 7.1).
    fileprivate mutating func appendChunkSize(_ count: Int) {
        append(contentsOf: String(count, radix: 16).utf8)
        append(spelling: "\r\n")
    }
}
