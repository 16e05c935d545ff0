import EventLoop
import Glibc
import Testing

@Suite struct ProcessEnvironmentTests {
    @Test func `a set variable has its value, an unset one none`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            // Longer than the first try has room for, and as long as it has.
            for length in [0, 1, 254, 255, 256, 257, 10_000] {
                let value = String(repeating: "ü", count: length / 2)
                _ = unsafe setenv("GATEWAY_TEST_VALUE", value, 1)
                precondition(ProcessEnvironment.value("GATEWAY_TEST_VALUE") == value)
            }
            precondition(ProcessEnvironment.names().contains("GATEWAY_TEST_VALUE"))
            _ = unsafe unsetenv("GATEWAY_TEST_VALUE")
            precondition(ProcessEnvironment.value("GATEWAY_TEST_VALUE") == nil)
            precondition(!ProcessEnvironment.names().contains("GATEWAY_TEST_VALUE"))
            exit(7)
        }
    }
}

@Suite struct SystemClockTests {
    @Test func `the wall clock is the system's`() {
        let seconds = Int64(time(nil))
        #expect(abs(SystemClock.wallMilliseconds() / 1000 - seconds) <= 1)
    }

    @Test func `the monotonic clock never goes back`() {
        let first = SystemClock.monotonic()
        let second = SystemClock.monotonic()
        #expect(first > .zero)
        #expect(second >= first)
    }
}

@Suite struct ResourceUsageTests {
    @Test func `memory and processor time are counted`() throws {
        let before = ResourceUsage.processorTime()
        let bytes = try #require(ResourceUsage.residentBytes())
        #expect(bytes > 1_000_000)
        #expect(bytes < 100_000_000_000)
        var sum = 0
        while ResourceUsage.processorTime() == before { sum &+= 1 }
    }

    @Test func `open descriptors are counted, up to a limit that can be raised`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let before = ResourceUsage.openDescriptorCount() ?? 0
            let pipes = try (0..<50).map { _ in try Pipe() }
            let after = ResourceUsage.openDescriptorCount() ?? 0
            // The test runner's own threads open and close a few meanwhile.
            precondition(abs(after - before - 2 * pipes.count) <= 10, "\(before) \(after)")
            var limit = rlimit(rlim_cur: 300, rlim_max: 400)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            precondition(unsafe setrlimit(resource, &limit) == 0)
            precondition(ResourceUsage.descriptorMax() == 300)
            precondition(ResourceUsage.raiseDescriptorMax() == 400)
            exit(7)
        }
    }
}
