import CPQ
package import EventLoop

/// A connection to PostgreSQL, driven by the loop.
///
/// One call at a time. Kept alive by its owner, who may let go at any moment: a call under way
/// keeps it until it ends. Once lost, it stays lost.
@LoopActor
package final class PostgresConnection {
    private let connector: PostgresConnector
    // Nil once closed or lost.
    private var memory: ConnectionMemory?
    private var watcher: PollWatcher?
    private let timer = Timer()
    private var call: PostgresCall?
    private var loss: PostgresError?
    private var names: [ObjectIdentifier: Prepared] = [:]

    /// A statement that the server has prepared; keeps the text, whose identity is its key.
    private struct Prepared {
        let text: PostgresText
        let name: String
    }

    /// Is told of each `NOTIFY` on a channel that this connection listens to.
    package var onNotification: (@LoopActor (PostgresNotification) -> Void)?
    /// Is told once when the connection is lost, in a call or between calls.
    package var onLoss: (@LoopActor (PostgresError) -> Void)?

    init(_ memory: ConnectionMemory, connector: PostgresConnector) throws(PostgresError) {
        self.connector = connector
        do throws(UVError) {
            let watcher = try PollWatcher(unsafe PQsocket(memory.raw))
            self.memory = memory
            self.watcher = watcher
            try watch(.readable)
        } catch {
            throw PostgresError(.unreachable, "Watching the connection failed: \(error)")
        }
    }

    /// Whether calls can be made.
    package var isOpen: Bool { memory != nil }

    /// Sends statements in one go, and waits for what they come to.
    ///
    /// Without a `BEGIN` among them or before, they are one transaction. The first that fails ends
    /// the rest, which are not run.
    ///
    /// - Parameters:
    ///   - queries: The statements, one at least.
    ///   - limit: After this long the connection is given up and the server told to stop.
    /// - Returns: What each came to, in order.
    /// - Throws: The first statement's error that failed, with the connection as good as before; or
    ///   `lost` or `timedOut`.
    package func run(
        _ queries: [PostgresQuery], within limit: Duration
    ) async throws(PostgresError) -> [PostgresResult] {
        precondition(call == nil, "one call at a time on a connection")
        guard let memory else { throw loss ?? PostgresError(.lost, "The connection is closed.") }
        let call = PostgresCall()
        self.call = call
        timer.start(after: limit) { [weak self] in self?.deadlinePassed(limit) }
        do throws(PostgresError) {
            for query in queries { try send(query, in: call, on: memory) }
            try check(unsafe PQpipelineSync(memory.raw))
            try flush()
        } catch {
            lose(error)
        }
        await call.end()
        return try call.outcome()
    }

    /// Ends the connection at once; a call under way throws `lost`.
    package func close() {
        lose(PostgresError(.lost, "The connection was closed."), isTold: false)
    }

    isolated deinit { close() }

    // MARK: Sending

    private func send(
        _ query: PostgresQuery, in call: PostgresCall, on memory: ConnectionMemory
    ) throws(PostgresError) {
        guard query.isPrepared else {
            try check(
                unsafe query.parameters.withPointers { count, values, lengths, formats in
                    unsafe PQsendQueryParams(
                        memory.raw, query.text.text, count, nil, values, lengths, formats, 1)
                })
            call.steps.append(.query)
            return
        }
        let name = try prepare(query.text, in: call, on: memory)
        try check(
            unsafe query.parameters.withPointers { count, values, lengths, formats in
                unsafe PQsendQueryPrepared(memory.raw, name, count, values, lengths, formats, 1)
            })
        call.steps.append(.query)
    }

    /// The name of a prepared statement; has it prepared with this call if it isn't yet.
    private func prepare(
        _ text: PostgresText, in call: PostgresCall, on memory: ConnectionMemory
    ) throws(PostgresError) -> String {
        if let known = names[ObjectIdentifier(text)] { return known.name }
        if let known = call.prepared[ObjectIdentifier(text)] { return known.name }
        let number = names.count + call.prepared.count
        precondition(number < PostgresLimits.preparedMax, "statements are made on the fly")
        let name = "s\(number)"
        try check(unsafe PQsendPrepare(memory.raw, name, text.text, 0, nil))
        call.prepared[ObjectIdentifier(text)] = (text, name)
        call.steps.append(.prepare(ObjectIdentifier(text)))
        return name
    }

    private func check(_ status: Int32) throws(PostgresError) {
        guard status != 1, let memory else { return }
        throw unsafe PostgresError(.lost, of: memory.raw)
    }

    /// Hands the socket what it takes, and watches for room if there is more.
    private func flush() throws(PostgresError) {
        guard let memory else { return }
        let status = unsafe PQflush(memory.raw)
        guard status >= 0 else { throw unsafe PostgresError(.lost, of: memory.raw) }
        do throws(UVError) {
            try watch(status == 0 ? .readable : [.readable, .writable])
        } catch {
            throw PostgresError(.lost, "Watching the connection failed: \(error)")
        }
    }

    private func watch(_ events: PollEvents) throws(UVError) {
        try watcher?.watch(events) { [weak self] readiness in self?.becameReady(readiness) }
    }

    // MARK: Receiving

    private func becameReady(_ readiness: PollReadiness) {
        guard let memory else { return }
        if let error = readiness.error {
            return lose(PostgresError(.lost, "The connection broke: \(error)"))
        }
        let isAlive = unsafe PQconsumeInput(memory.raw) == 1
        // Read first: before it hangs up, the server says why.
        readResults(memory)
        readNotifications(memory)
        guard self.memory != nil else { return }
        guard isAlive else { return lose(unsafe PostgresError(.lost, of: memory.raw)) }
        do throws(PostgresError) { try flush() } catch { lose(error) }
    }

    private func readResults(_ memory: ConnectionMemory) {
        // A null ends what belongs to one statement; a second one says that nothing is left.
        var nullsCount = 0
        while let call, nullsCount < 2, unsafe PQisBusy(memory.raw) == 0 {
            guard let raw = unsafe PQgetResult(memory.raw) else {
                nullsCount += 1
                call.stepEnded()
                continue
            }
            nullsCount = 0
            let isConnected = unsafe PQstatus(memory.raw) == CONNECTION_OK
            guard call.take(raw, isConnected: isConnected) else { continue }
            finish(call)
        }
    }

    private func finish(_ call: PostgresCall) {
        timer.stop()
        self.call = nil
        for (key, prepared) in call.succeeded {
            names[key] = Prepared(text: prepared.text, name: prepared.name)
        }
        call.finish()
    }

    private func readNotifications(_ memory: ConnectionMemory) {
        while self.memory != nil, let raw = unsafe PQnotifies(memory.raw) {
            let notification = unsafe PostgresNotification(
                channel: String(cString: raw.pointee.relname),
                payload: String(cString: raw.pointee.extra))
            unsafe PQfreemem(raw)
            onNotification?(notification)
        }
    }

    // MARK: Ending

    private func deadlinePassed(_ limit: Duration) {
        guard let memory else { return }
        if let ticket = CancelTicket(memory) {
            let connector = connector
            LoopActor.spawn { await connector.cancel(ticket) }
        }
        lose(PostgresError(.timedOut, "The server did not answer within \(limit)."))
    }

    private func lose(_ error: PostgresError, isTold: Bool = true) {
        guard memory != nil else { return }
        loss = error
        timer.stop()
        // The watch ends before the descriptor is closed: its number may return at once.
        watcher?.close()
        watcher = nil
        memory = nil
        names = [:]
        onNotification = nil
        let (call, onLoss) = (self.call, self.onLoss)
        self.call = nil
        self.onLoss = nil
        call?.lose(error)
        if isTold { onLoss?(error) }
    }
}

/// What a `NOTIFY` brings.
package struct PostgresNotification: Sendable, Equatable {
    /// The channel that was notified.
    package let channel: String
    /// What was sent along; mostly empty.
    package let payload: String
}
