import EventLoop

// How bytes become requests.
extension HTTPConnection {
    /// Takes bytes that came in; what can't be used up yet is held.
    func take(_ bytes: Span<UInt8>) {
        switch state.phase {
        case .closed: return
        case .lingering: return drop(bytes.count)
        case .answering, .streaming: return hold(bytes)
        case .preamble: return takePreamble(bytes)
        case .idle, .head, .body: break
        }
        guard inbound.isEmpty, !isBlocked else {
            hold(bytes)
            return takeHeld()
        }
        let used = consume(bytes)
        hold(bytes.extracting(used...))
    }

    /// Looks at the bytes held again, once there is room for another request.
    func takeHeld() {
        guard !isBlocked else { return }
        guard !inbound.isEmpty else { return act(state.inputUsedUp()) }
        let held = inbound
        inbound = []
        let used = consume(held.span)
        if used == 0 {
            inbound = held
        } else {
            hold(held.span.extracting(used...))
        }
        guard !isBlocked else { return }
        act(state.inputUsedUp())
    }

    func hold(_ bytes: Span<UInt8>) {
        guard bytes.count > 0, state.phase != .closed, state.phase != .lingering else { return }
        unsafe bytes.withUnsafeBufferPointer { unsafe inbound.append(contentsOf: $0) }
    }

    private func drop(_ count: Int) {
        lingeredBytes += count
        if lingeredBytes > server.limits.lingerBytesMax { act(state.failed()) }
    }

    /// Reads as many requests as are whole, each after the answer to the one before it.
    ///
    /// - Returns: How many of `bytes` are used up; the rest begins with an unfinished head, or
    ///   waits for an answer or for room.
    private func consume(_ bytes: Span<UInt8>) -> Int {
        isConsuming = true
        defer { isConsuming = false }
        var at = 0
        while at < bytes.count, !isBlocked {
            let rest = bytes.extracting(at...)
            switch state.phase {
            case .idle, .head:
                let used = takeHead(rest)
                guard used > 0 || state.phase != .head else { return at }
                at += used
            case .body: at += takeBody(rest)
            case .preamble, .answering, .streaming: return at
            case .lingering, .closed: return bytes.count
            }
            if outbound.count > Self.outboundBytesKept || server.isUnsentFull { flush() }
        }
        return at
    }

    /// Bytes of answers that are collected before they are written; one large segment's worth.
    private static let outboundBytesKept = 65_536

    /// Reads on in a head; 0 if it isn't whole.
    private func takeHead(_ bytes: Span<UInt8>) -> Int {
        if state.phase == .idle {
            state.requestStarted()
            scanner = HeadScanner(limits: server.limits)
            phaseStart = LoopActor.executor.now
        }
        do throws(HeadFault) {
            guard try scanner.scan(bytes) else { return 0 }
            let length = scanner.position
            let storage = server.pool.takeStorage()
            let reader = server.pool.takeReader()
            self.head = storage
            self.reader = reader
            try storage.fill(
                bytes.extracting(0..<length), facts: scanner.facts, peer: peer,
                reader: reader, table: server.pool.table)
            return length + settleHead(storage, reader, behind: bytes.extracting(length...))
        } catch {
            refuse(error)
            return bytes.count
        }
    }

    /// The head is whole: decides what becomes of the request before its content is read.
    ///
    /// - Returns: How many bytes behind the head are used up.
    private func settleHead(
        _ storage: HeadStorage, _ reader: MessageReader, behind rest: Span<UInt8>
    ) -> Int {
        let facts = storage.facts
        exchange += 1
        server.requestStarted()
        server.name(storage, isOfTrustedProxy: isOfTrustedProxy)
        if server.onExchange != nil { exchangeStart = SystemClock.monotonic() }
        switch verdict(on: storage) {
        case .refuse(let response):
            return refuse(response, facts, behind: rest)
        case .proceed(let bytesMax):
            if let length = facts.contentLength, length > bytesMax {
                tellUnserved(.tooLarge)
                refuse(.tooLarge)
                return rest.count
            }
            guard claimRoom(forBody: facts.contentLength ?? 0) else {
                tellUnserved(.unavailable)
                refuse(.unavailable)
                return rest.count
            }
            let keepsAlive = facts.keepsAlive && facts.method != .connect
            state.headEnded(hasBody: facts.hasBody, keepsAlive: keepsAlive)
            guard facts.hasBody else {
                dispatch()
                return 0
            }
            bodyBytesMax = bytesMax
            phaseStart = LoopActor.executor.now
            lastBodyByte = phaseStart
            // Announcing costs nothing, so no more than a little is set aside for it.
            let room = max(rest.count, Self.bodyBytesReserved)
            reader.reserve(min(facts.contentLength ?? 0, room))
            // HTTP/1.0 doesn't know the expectation (RFC 9110, section 10.1.1); and who has sent
            // content already doesn't wait.
            if facts.expectation == .continuation, facts.minorVersion > 0, rest.count == 0 {
                outbound.append(spelling: ResponseEncoder.continuation)
            }
            return 0
        }
    }

    /// Room made for content that was announced only; most webhooks fit.
    private static let bodyBytesReserved = 2_048

    private func verdict(on storage: HeadStorage) -> HeadVerdict {
        if storage.facts.expectation == .unknown, storage.facts.minorVersion > 0 {
            return .refuse(.problem(.expectationFailed, code: "unknown_expectation"))
        }
        switch server.routes.match(storage) {
        case .found(let route, let parameters):
            self.route = route
            self.parameters = parameters
            guard let onHead = route.onHead else {
                return .proceed(bodyBytesMax: route.bodyBytesMax)
            }
            return onHead(HTTPRequestHead(storage), parameters)
        case .notFound: return .refuse(.notFound)
        case .undecodable: return .refuse(HeadFault.target.response)
        case .options(let allow): return .refuse(.noContent.with("Allow", allow))
        case .methodNotAllowed(let allow, let route, let parameters):
            route?.onUnserved?(HTTPRequestHead(storage), parameters, .methodNotAllowed)
            return .refuse(.methodNotAllowed(allow))
        }
    }

    /// Tells the route that its handler won't get the request which is coming in.
    func tellUnserved(_ reason: HTTPUnserved) {
        guard let head, let route else { return }
        route.onUnserved?(HTTPRequestHead(head), parameters, reason)
    }

    /// Reads on in a body.
    private func takeBody(_ bytes: Span<UInt8>) -> Int {
        guard let reader else { return bytes.count }
        do throws(HeadFault) {
            let used = try reader.read(bytes, limits: server.limits)
            guard reader.body.count <= bodyBytesMax else {
                tellUnserved(.tooLarge)
                refuse(.tooLarge)
                return bytes.count
            }
            guard claimRoom(forBody: reader.body.count) else {
                tellUnserved(.unavailable)
                refuse(.unavailable)
                return bytes.count
            }
            lastBodyByte = LoopActor.executor.now
            guard reader.isWhole else { return used }
            state.bodyEnded()
            dispatch()
            return used
        } catch {
            tellUnserved(.malformed)
            refuse(error)
            return bytes.count
        }
    }

    /// Hands the request to its handler.
    private func dispatch() {
        guard let head, let route, let reader else { return }
        let request = HTTPRequest(head: HTTPRequestHead(head), body: reader.takeBody())
        handledBytes = request.body.count
        server.pool.giveBack(reader)
        self.reader = nil
        phaseStart = LoopActor.executor.now
        route.handler(request, parameters, HTTPResponder(self, exchange: exchange))
    }
}

extension HTTPResponse {
    /// No route has this path.
    static let notFound = HTTPResponse.problem(.notFound, code: "not_found")

    /// The path is there, but not for this method (RFC 9110, section 15.5.6).
    static func methodNotAllowed(_ allow: String) -> HTTPResponse {
        problem(.methodNotAllowed, code: "method_not_allowed").with("Allow", allow)
    }

    /// The content is, or would be, longer than its route takes.
    static let tooLarge = HTTPResponse.problem(.contentTooLarge, code: "content_too_large")
}
