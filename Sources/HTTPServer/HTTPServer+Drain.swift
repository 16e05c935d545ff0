import EventLoop

extension HTTPServer {
    /// Stops serving without cutting anyone off.
    ///
    /// Listeners close at once, and streamed answers end. Requests in progress, and those that
    /// reach an open connection within `HTTPLimits.drainIdleDuration`, are answered with
    /// `Connection: close`; then idle connections close. Returns when no connection is left, at
    /// the latest after `deadline`, when the rest is closed.
    package func drain(deadline: Duration) async {
        startDraining()
        for connection in connections.reversed() { connection.drainStarted() }
        let timer = Timer()
        timer.start(after: min(limits.drainIdleDuration, deadline)) { [self] in
            for connection in connections.reversed() {
                connection.act(connection.state.drainIdleEnded())
            }
            timer.start(after: max(.zero, deadline - limits.drainIdleDuration)) { [self] in
                stop()
            }
        }
        if !connections.isEmpty {
            await withCheckedContinuation { continuation in
                onEmpty = { [self] in
                    onEmpty = nil
                    continuation.resume()
                }
            }
        }
        timer.stop()
    }
}
