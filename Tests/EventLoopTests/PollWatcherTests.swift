import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct PollWatcherTests {
    @LoopActor private final class Log { var seen: [PollReadiness] = [] }

    @Test func `a byte in a pipe makes it readable`() async throws {
        try await LoopFixture.run {
            let (pipe, log) = (try Pipe(), Log())
            let watcher = try PollWatcher(pipe.readEnd)
            try watcher.watch(.readable) { readiness in
                log.seen.append(readiness)
                _ = pipe.readByte()
            }
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.seen.isEmpty)
            pipe.write("x")
            try await LoopTurn.until { log.seen.count == 1 }
            #expect(log.seen.first?.events == .readable)
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.seen.count == 1)
        }
    }

    @Test func `a second watch replaces the first`() async throws {
        try await LoopFixture.run {
            let (pipe, log) = (try Pipe(), Log())
            let watcher = try PollWatcher(pipe.writeEnd)
            try watcher.watch(.readable) { _ in Issue.record("nothing to read") }
            try watcher.watch([.readable, .writable]) { readiness in
                log.seen.append(readiness)
                watcher.stop()
            }
            try await LoopTurn.until { log.seen.count == 1 }
            #expect(log.seen.first?.events == .writable)
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.seen.count == 1, "a stopped watcher stays silent")
        }
    }

    @Test func `a watcher that is dropped stays silent, and its number is free again`() async throws
    {
        try await LoopFixture.run {
            let pipe = try Pipe()
            var watcher: PollWatcher? = try PollWatcher(pipe.writeEnd)
            try watcher?.watch(.writable) { _ in Issue.record("dropped") }
            watcher = nil
            let log = Log()
            let second = try PollWatcher(pipe.writeEnd)
            try second.watch(.writable) { readiness in
                log.seen.append(readiness)
                second.stop()
            }
            try await LoopTurn.until { log.seen.count == 1 }
        }
    }

    @Test func `an error ends the watch and says so`() async throws {
        try await LoopFixture.run {
            let log = Log()
            var ends: [Int32] = [-1, -1]
            #expect(unsafe pipe(&ends) == 0)
            let watcher = try PollWatcher(ends[1])
            // A pipe that nobody can read any more is POLLERR (poll(2)).
            _ = close(ends[0])
            try watcher.watch(.readable) { log.seen.append($0) }
            try await LoopTurn.until { !log.seen.isEmpty }
            #expect(log.seen.map { $0.error?.name } == ["EBADF"])
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.seen.count == 1)
            watcher.stop()
            _ = close(ends[1])
        }
    }

    @Test func `a file or a closed number can't be watched`() async throws {
        try await LoopFixture.run {
            let file = unsafe open("/proc/self/exe", O_RDONLY)
            #expect(throws: UVError.self) { try PollWatcher(file) }
            _ = close(file)
            #expect(throws: UVError.self) { try PollWatcher(file) }
        }
    }
}
