import EventLoop

// What a connection holds, and what all of them may hold together.
extension HTTPConnection {
    /// Tells the server what is held here; what makes it too much is refused or forgotten.
    func accountForMemory() {
        account()
        if accountedHead > 0, server.headBytes > server.limits.headBytesInAllMax {
            if state.phase == .preamble { act(state.failed()) } else { refuse(.unavailable) }
            account()
        }
        if accountedPipelined > 0, server.pipelinedBytes > server.limits.pipelinedBytesInAllMax {
            shedPipelined()
            account()
        }
        // A large body was let in by its own bound, and one that is whole is handled.
        if state.phase == .body, accountedBody > 0,
            server.smallBodiesBytes > server.limits.smallBodiesBytesMax
        {
            tellUnserved(.unavailable)
            refuse(.unavailable)
            account()
        }
    }

    private func shedPipelined() {
        switch state.phase {
        case .answering, .streaming:
            // What is pipelined behind this request is not looked at: its answer is the last one.
            state.pipelineDropped()
            inbound = []
        case .idle:
            // It waits for a peer that sends requests and doesn't read the answers.
            act(state.failed())
        case .preamble, .head, .body, .lingering, .closed: return
        }
    }

    private func account() {
        let isUnfinished = state.phase == .head || state.phase == .preamble
        let head = isUnfinished ? inbound.count : 0
        server.headBytes += head - accountedHead
        accountedHead = head
        let pipelined = inbound.count - head
        server.pipelinedBytes += pipelined - accountedPipelined
        accountedPipelined = pipelined
        let body = largeBodyBytes > 0 ? 0 : (reader?.body.count ?? 0) + handledBytes
        server.smallBodiesBytes += body - accountedBody
        accountedBody = body
    }

    /// Sets room aside for a body of which so many bytes are announced or read.
    ///
    /// - Returns: False when there is no room for another large one.
    func claimRoom(forBody bytes: Int) -> Bool {
        guard bytes > server.limits.largeBodyBytesMin, bytes > largeBodyBytes else { return true }
        let others = server.largeBodiesBytes - largeBodyBytes
        guard others == 0 || others + bytes <= server.limits.largeBodiesBytesMax else {
            return false
        }
        server.largeBodiesBytes = others + bytes
        largeBodyBytes = bytes
        return true
    }

    /// Gives back the room of a body.
    func releaseRoom() {
        server.largeBodiesBytes -= largeBodyBytes
        largeBodyBytes = 0
    }

    /// For the end of the connection, once its request is let go of.
    func forgetMemory() {
        inbound = []
        account()
        unsentBytes = 0
    }
}

extension HTTPServer {
    /// Peers leave so much unread that none may leave more than an answer.
    var isUnsentFull: Bool { unsentBytes > limits.unsentBytesInAllMax }
}
