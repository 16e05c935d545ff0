import EventLoop

// How a trusted proxy's word about its client is read, before the first request.
extension HTTPConnection {
    /// Takes the first bytes of a trusted proxy's connection.
    ///
    /// What is broken gets no answer: it would go to a client that sent nothing wrong, or into a
    /// protocol that isn't HTTP.
    func takePreamble(_ bytes: Span<UInt8>) {
        guard !inbound.isEmpty else {
            phaseStart = LoopActor.executor.now
            return settle(ProxyPreamble.read(bytes, bytesMax: preambleBytesMax), bytes)
        }
        hold(bytes)
        let reading = ProxyPreamble.read(inbound.span, bytesMax: preambleBytesMax)
        guard reading != .unfinished else { return }
        let held = inbound
        inbound = []
        settle(reading, held.span)
    }

    private var preambleBytesMax: Int { server.limits.proxyPreambleBytesMax }

    private func settle(_ reading: ProxyPreamble.Reading, _ bytes: Span<UInt8>) {
        switch reading {
        case .unfinished: hold(bytes)
        case .malformed:
            server.preamblesRefused += 1
            act(state.failed())
        case .absent:
            state.preambleEnded()
            take(bytes)
        case .whole(let preamble):
            proxiedPeer = preamble.source
            state.preambleEnded()
            phaseStart = LoopActor.executor.now
            take(bytes.extracting(preamble.length...))
        }
    }
}
