package import EventLoop
import Synchronization

/// Writes log lines to standard error without ever holding up who logs.
///
/// Lines go through a bounded queue to a thread of their own; what does not fit is dropped and
/// counted, and the count is logged as soon as there is room.
package final class LogSink: Sendable {
    private struct Queue: Sendable {
        var lines: [[UInt8]] = []
        var droppedCount = 0
        var isWriting = false
    }

    private let queue = Mutex(Queue())
    /// Held by who writes.
    private let writing = Mutex<Void>(())
    private let writer: LogWriter
    private let output: @Sendable ([UInt8]) -> Void

    /// Starts the writing thread.
    ///
    /// - Throws: `UVError` when there is no thread to be had.
    package init(
        output: @escaping @Sendable ([UInt8]) -> Void = LogSink.standardError
    ) throws(UVError) {
        writer = LogWriter(thread: try WorkerThread())
        self.output = output
    }

    /// Writes to standard error; a line that can't be written is lost, as there is nowhere else.
    package static let standardError: @Sendable ([UInt8]) -> Void = { line in
        try? StandardStream.error.write(line)  // Nobody is left to tell.
    }

    /// Queues one line, its newline included.
    package func write(_ line: [UInt8]) {
        let mustStart = queue.withLock { queue in
            guard queue.lines.count < Limits.logLinesMax else {
                queue.droppedCount += 1
                return false
            }
            queue.lines.append(line)
            defer { queue.isWriting = true }
            return !queue.isWriting
        }
        guard mustStart else { return }
        LoopActor.spawn { [self] in await writer.drain(self) }
    }

    /// Writes what is queued, on the calling thread; for the moment before the process ends.
    package func flush() {
        while writeOnce() {}
    }

    /// Writes all that is queued; false when there was nothing.
    ///
    /// What another thread has taken and not written yet is waited for.
    fileprivate func writeOnce() -> Bool {
        writing.withLock { _ in
            let (lines, droppedCount) = queue.withLock { queue in
                defer { queue = Queue() }
                return (queue.lines, queue.droppedCount)
            }
            guard !lines.isEmpty || droppedCount > 0 else { return false }
            output(Array(lines.joined()))
            if droppedCount > 0 { output(Array("\(droppedCount) log lines were dropped.\n".utf8)) }
            return true
        }
    }
}

/// The thread that waits for standard error so that the loop need not.
private actor LogWriter {
    private let thread: WorkerThread

    init(thread: WorkerThread) {
        self.thread = thread
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.unownedExecutor
    }

    func drain(_ sink: LogSink) {
        while sink.writeOnce() {}
    }
}
