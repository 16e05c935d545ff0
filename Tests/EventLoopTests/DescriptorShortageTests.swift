import EventLoop
import GatewayTesting
import Glibc
import Testing

@Suite struct DescriptorShortageTests {
    @Test func `without descriptors one client is turned away and the rest wait`() async {
        // In a process of its own, whose descriptors may run out.
        await #expect(processExitsWith: .exitCode(7)) {
            try await LoopFixture.run {
                let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 16)
                let accepted = Accepted()
                try listener.start { accepted.streams.append($0) }
                listener.pause()
                var clients: [Peer] = []
                for _ in 0..<4 { clients.append(try await .connect(to: listener.boundAddress)) }
                let hoard = DescriptorHoard()
                listener.resume()
                try await LoopTurn.until { clients.contains { $0.hasEnded || !$0.errors.isEmpty } }
                precondition(listener.shedCount == 1 && accepted.streams.isEmpty)
                // A loop that spins would have shed them all within these turns.
                for _ in 0..<20 { await LoopTurn.next() }
                precondition(listener.shedCount == 1 && accepted.streams.isEmpty)
                hoard.release()
                try await LoopTurn.until { accepted.streams.count == 3 }
                precondition(listener.shedCount == 1)
                listener.close()
                accepted.streams = []
                for client in clients { client.stream.close() }
            }
            exit(7)
        }
    }
}

/// Every descriptor that the process may still open.
private final class DescriptorHoard {
    private var held: [Int32] = []

    init() {
        var limit = rlimit(rlim_cur: 64, rlim_max: 64)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        while true {
            let descriptor = dup(STDERR_FILENO)
            guard descriptor >= 0 else { return }
            held.append(descriptor)
        }
    }

    func release() {
        for descriptor in held { _ = close(descriptor) }
        held = []
    }
}
