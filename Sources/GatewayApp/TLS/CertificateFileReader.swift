import EventLoop

/// Reads the files of TLS on a thread of its own, as a file on a network may take its time.
actor CertificateFileReader {
    private let files: TLSFiles
    private let thread: WorkerThread

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    init(_ files: TLSFiles, thread: WorkerThread) {
        self.files = files
        self.thread = thread
    }

    func read() throws(ConfigurationError) -> TLSFiles.Content { try files.read() }

    /// Ends the thread.
    nonisolated func stop() { thread.stop() }
}
