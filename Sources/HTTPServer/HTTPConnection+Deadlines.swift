import EventLoop

// Who waited too long. Looked at a few times a second for all connections, so that a busy one
// doesn't set a timer for each request.
extension HTTPConnection {
    /// Ends what takes longer than it may.
    func checkDeadlines(_ now: Duration) {
        // Also when all that is left to do is to close once everything is sent.
        guard !isStalled(now) else { return close() }
        guard now >= deadline else { return }
        turn { act(state.deadlinePassed()) }
    }

    /// Looks whether the kernel took anything of what is unsent since the last look.
    private func isStalled(_ now: Duration) -> Bool {
        guard unsentBytes > 0 else { return false }
        let bytes = transport.writeQueueBytes
        if bytes == 0 || bytes != unsentBytes {
            unsentBytes = bytes
            unsentSince = now
        }
        return bytes > 0 && now - unsentSince >= server.limits.stalledDurationMax
    }

    private var deadline: Duration {
        switch state.phase {
        case .preamble:
            let hasBegun = !inbound.isEmpty
            return phaseStart
                + (hasBegun ? server.limits.headDurationMax : server.limits.idleDurationMax)
        case .idle, .lingering:
            // While something is unsent, only a stall ends it.
            guard unsentBytes == 0 else { return .seconds(Int64.max) }
            if transport.isHandshaking { return phaseStart + server.limits.headDurationMax }
            let isIdle = state.phase == .idle
            return phaseStart
                + (isIdle ? server.limits.idleDurationMax : server.limits.lingerDurationMax)
        case .head: return phaseStart + server.limits.headDurationMax
        case .body:
            let seconds = (reader?.bytesRead ?? 0) / server.limits.bodyRateMin
            let byRate = phaseStart + server.limits.bodyIdleDurationMax + .seconds(seconds)
            return min(byRate, lastBodyByte + server.limits.bodyIdleDurationMax)
        case .answering: return phaseStart + server.limits.answerDurationMax
        // A stream lasts as long as its peer reads.
        case .streaming, .closed: return .seconds(Int64.max)
        }
    }
}
