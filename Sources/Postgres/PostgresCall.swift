import CPQ
import EventLoop

/// A call under way: what is still expected, and what came.
@LoopActor
final class PostgresCall {
    enum Step {
        case prepare(ObjectIdentifier)
        case query
    }

    typealias Statement = (text: PostgresText, name: String)

    /// What was sent, in order; each is answered by a result and a null.
    var steps: [Step] = []
    /// What the server is asked to prepare.
    var prepared: [ObjectIdentifier: Statement] = [:]
    /// What it did prepare.
    private(set) var succeeded: [ObjectIdentifier: Statement] = [:]

    private var stepIndex = 0
    private var results: [PostgresResult] = []
    private var error: PostgresError?
    private var isOver = false
    private var waiting: CheckedContinuation<Void, Never>?

    /// Returns once it is over.
    func end() async {
        guard !isOver else { return }
        await withCheckedContinuation { waiting = $0 }
    }

    /// What it came to.
    func outcome() throws(PostgresError) -> [PostgresResult] {
        if let error { throw error }
        return results
    }

    /// Takes over a result.
    ///
    /// - Returns: Whether it was the last.
    @safe
    func take(_ raw: OpaquePointer, isConnected: Bool) -> Bool {
        let status = unsafe PQresultStatus(raw)
        switch status {
        case PGRES_PIPELINE_SYNC:
            unsafe PQclear(raw)
            return true
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            succeed(unsafe PostgresResult(raw))
        case PGRES_PIPELINE_ABORTED:
            unsafe PQclear(raw)
        default:
            if error == nil {
                error = PostgresError(raw, isConnected: isConnected)
            }
            unsafe PQclear(raw)
        }
        return false
    }

    /// What belongs to one statement is through.
    func stepEnded() { stepIndex += 1 }

    func finish() {
        isOver = true
        waiting?.resume()
        waiting = nil
    }

    func lose(_ loss: PostgresError) {
        // What the server said before it hung up says more.
        if let error { self.error = error.isConnectionLost ? error : loss } else { error = loss }
        finish()
    }

    private func succeed(_ result: PostgresResult) {
        guard stepIndex < steps.count else { return }
        switch steps[stepIndex] {
        case .query: results.append(result)
        case .prepare(let key): succeeded[key] = prepared[key]
        }
    }
}
