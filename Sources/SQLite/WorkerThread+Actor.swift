package import EventLoop

extension WorkerThread {
    /// This thread as an actor's `unownedExecutor`.
    ///
    /// Safe while the actor keeps a reference to the thread: an actor outlives its own jobs.
    @safe package var actorExecutor: UnownedSerialExecutor {
        unsafe asUnownedSerialExecutor()
    }
}
