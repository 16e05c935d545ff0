extension WorkerThread {
    /// What an actor that runs on this thread gives as its `unownedExecutor`.
    ///
    /// The actor has to keep the thread alive, as a stored property does.
    @safe package var unownedExecutor: UnownedSerialExecutor {
        unsafe asUnownedSerialExecutor()
    }
}
