import EventLoop

// What a connection holds, and what all of them may hold together.
extension HTTPConnection {
    /// Tells the server what is held here; what makes it too much is refused or forgotten.
    func accountForMemory() {
        account()
        guard accountedBytes > 0, server.bufferedBytes > server.limits.bufferedBytesMax else {
            return
        }
        switch state.phase {
        case .head, .body:
            // A large body was let in by its own bound.
            guard largeBodyBytes == 0 else { return }
            refuse(.unavailable)
        case .answering:
            // What is pipelined behind this request is not looked at: its answer is the last one.
            guard !inbound.isEmpty else { return }
            state.pipelineDropped()
            inbound = []
        case .idle:
            // It waits for a peer that sends requests and doesn't read the answers.
            act(state.failed())
        case .lingering, .closed: return
        }
        account()
    }

    private func account() {
        let isLarge = largeBodyBytes > 0
        let bytes = inbound.count + (isLarge ? 0 : (reader?.body.count ?? 0) + handledBytes)
        server.bufferedBytes += bytes - accountedBytes
        accountedBytes = bytes
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

    /// For the end of the connection.
    func forgetMemory() {
        inbound = []
        server.bufferedBytes -= accountedBytes
        accountedBytes = 0
        unsentBytes = 0
    }
}

extension HTTPServer {
    /// Peers leave so much unread that none may leave more than an answer.
    var isUnsentFull: Bool { unsentBytes > limits.unsentBytesInAllMax }
}
