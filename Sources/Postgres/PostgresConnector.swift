import CPQ
package import EventLoop

/// Opens connections, on a thread of its own.
///
/// Opening blocks at several places that libpq has no other way for: it looks names up, reads
/// password and certificate files, and may talk to a Kerberos server. What follows once the
/// connection stands never blocks, and is done on the loop.
package actor PostgresConnector {
    /// Where this actor runs.
    package nonisolated let thread: WorkerThread
    /// That thread, as Swift concurrency sees it.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    /// Starts the thread.
    ///
    /// - Throws: `EAGAIN` when the system has no thread left.
    package init() throws(UVError) {
        thread = try WorkerThread()
    }

    /// Whether the libpq that is loaded has what is needed.
    package nonisolated static var isLibraryFit: Bool {
        PQlibVersion() >= PostgresLimits.libraryVersionMin
    }

    /// Opens a connection; blocks this thread until it stands or failed.
    func open(_ address: PostgresAddress) -> Result<ConnectionMemory, PostgresError> {
        let options = address.options
        let raw = withCStrings(options.map(\.keyword)) { keywords in
            withCStrings(options.map(\.value)) { values in
                unsafe PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let raw = unsafe raw else {
            return .failure(PostgresError(.unreachable, "There is no memory left."))
        }
        let memory = unsafe ConnectionMemory(raw)
        guard unsafe PQstatus(raw) == CONNECTION_OK else {
            return .failure(PostgresError(.unreachable, of: raw))
        }
        unsafe cpq_drop_notices(raw)
        // Both fail only without a connection (libpq's fe-exec.c).
        guard unsafe PQsetnonblocking(raw, 1) == 0, unsafe PQenterPipelineMode(raw) == 1 else {
            return .failure(PostgresError(.unreachable, of: raw))
        }
        return .success(memory)
    }

    /// Returns once all that was asked for before is done, so that `stop()` needs not wait.
    package func settle() {}

    /// Stops a statement whose caller waits no longer.
    func cancel(_ ticket: CancelTicket) { ticket.use() }
}
