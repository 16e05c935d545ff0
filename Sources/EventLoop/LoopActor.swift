/// The isolation of everything that touches libuv: one loop, on one thread, for the whole process.
@globalActor
package actor LoopActor {
    /// The only instance, as `@globalActor` asks for.
    package static let shared = LoopActor()
    /// The loop itself, as Swift concurrency sees it.
    package static let executor = LoopExecutor()

    /// The executor that runs every job of this actor.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe Self.executor.asUnownedSerialExecutor()
    }

    /// Starts a task that never leaves the loop thread, its resumptions included.
    ///
    /// May be called on any thread, also before `LoopExecutor.run()`; the task then waits for it.
    @discardableResult
    package static func spawn<Success: Sendable>(
        _ body: sending @escaping @LoopActor () async -> Success
    ) -> Task<Success, Never> {
        // A job is nobody's who happened to start it: it inherits no task-local value.
        Task.detached(executorPreference: executor) { await body() }
    }

    /// Enters the loop's isolation from a C callback, which libuv and libcurl call on its thread.
    ///
    /// Traps when called from any other thread.
    package static func assumeIsolated<Success, Failure: Error>(
        _ body: @LoopActor () throws(Failure) -> sending Success
    ) throws(Failure) -> sending Success {
        executor.checkIsolated()
        typealias Unisolated = () throws(Failure) -> sending Success
        return try withoutActuallyEscaping(body) { (body) throws(Failure) -> Success in
            // Isolation is part of a closure's type only, not of its layout; the check above
            // stands in.
            try unsafe unsafeBitCast(body, to: Unisolated.self)()
        }
    }
}
