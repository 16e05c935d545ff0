import EventLoop

// How answers become bytes.
extension HTTPConnection {
    func isWaiting(forExchange exchange: UInt64) -> Bool {
        exchange == self.exchange && state.phase == .answering
    }

    func respond(_ response: HTTPResponse, toExchange exchange: UInt64) {
        guard isWaiting(forExchange: exchange) else { return }
        turn {
            let isInputUsedUp = state.isPeerDone && inbound.isEmpty && !isConsuming
            let closes = response.closesConnection || state.isLastExchange || isInputUsedUp
            send(response, closes: closes)
            let action = state.answered(closes: closes)
            phaseStart = LoopActor.executor.now
            releaseMessage()
            act(action)
            // A handler that answers at once is inside `consume`, which goes on by itself.
            if action == .readOn, !isConsuming { takeHeld() }
        }
    }

    /// Answers a request whose head is whole without reading its content.
    ///
    /// A request without content, or whose content is here already, leaves the connection in order,
    /// so it stays open.
    /// - Returns: How many bytes of content were skipped.
    func refuse(_ response: HTTPResponse, _ facts: HeadFacts, behind rest: Span<UInt8>) -> Int {
        let content = facts.isChunked ? Int.max : facts.contentLength ?? 0
        guard content <= rest.count, facts.method != .connect else {
            refuse(response)
            return rest.count
        }
        state.headEnded(hasBody: false, keepsAlive: facts.keepsAlive)
        respond(response, toExchange: exchange)
        return content
    }

    /// Answers in place of reading on, and ends the connection.
    func refuse(_ response: HTTPResponse) {
        turn {
            send(response, closes: true)
            act(state.refused())
            releaseMessage()
            inbound = []
        }
    }

    /// Answers a request that can't be read.
    func refuse(_ fault: HeadFault) {
        server.requestRefused(fault)
        refuse(fault.response)
    }

    /// Answers for a peer, or for a handler, that took too long or broke off.
    func refuse(_ refusal: ConnectionState.Refusal) {
        switch refusal {
        case .truncated:
            if state.phase == .body { tellUnserved(.truncated) }
            refuse(HeadFault.truncated)
        case .timeout:
            if state.phase == .body { tellUnserved(.tooSlow) }
            refuse(.problem(.requestTimeout, code: "request_timeout"))
        case .unanswered: refuse(.unavailable)
        }
    }

    private func send(_ response: HTTPResponse, closes: Bool) {
        let facts = head?.facts ?? scanner.facts
        let framing = ResponseEncoder.Framing(
            isHead: facts.method == .head, closes: closes,
            announcesKeepAlive: facts.minorVersion == 0, requestID: head?.requestID ?? "")
        server.encode(response, framing, to: &outbound)
        var bodyCount = 0
        if ResponseEncoder.sendsBody(response, framing) {
            bodyCount = response.body.count
            if bodyCount > Self.bodyBytesCopied {
                flush(response.body.span)
            } else {
                outbound.append(contentsOf: response.body)
            }
        }
        report(response.status.code, bodyCount)
    }

    /// Longer bodies go to the kernel from where they are.
    private static let bodyBytesCopied = 16_384

    func report(_ statusCode: Int, _ bodyCount: Int) {
        guard let onExchange = server.onExchange else { return }
        let isRead = head != nil
        onExchange(
            HTTPExchange(
                method: isRead ? head?.facts.method : nil, route: route?.pattern,
                statusCode: statusCode,
                duration: isRead ? SystemClock.monotonic() - exchangeStart : .zero,
                requestBytes: reader?.bytesRead ?? head?.facts.contentLength ?? 0,
                responseBytes: bodyCount, peer: peer))
    }

    /// Lets go of the request; its parts are used again if no handler kept them.
    func releaseMessage() {
        if var storage = head.take(), isKnownUniquelyReferenced(&storage) {
            server.pool.giveBack(storage)
        }
        if let reader = reader.take() { server.pool.giveBack(reader) }
        handledBytes = 0
        releaseRoom()
        route = nil
        parameters = RouteParameters()
    }
}
