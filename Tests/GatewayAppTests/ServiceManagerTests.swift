import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Logging
import Testing

@Suite struct ServiceManagerTests {
    @Test func `it is told once when nothing pings`() async throws {
        try await LoopFixture.run {
            let inbox = Inbox()
            let manager = inbox.manager(watchdog: nil)
            manager.ready("Serving on 127.0.0.1:8080.")
            manager.say("Not ready: no room.")
            manager.stopping("Stopping.")
            #expect(
                inbox.messages == [
                    "READY=1\nSTATUS=Serving on 127.0.0.1:8080.\n",
                    "READY=1\nSTATUS=Not ready: no room.\n",
                    "STOPPING=1\nSTATUS=Stopping.\n",
                ])
        }
    }

    @Test func `before it is ready it says so little as that`() async throws {
        try await LoopFixture.run {
            let inbox = Inbox()
            inbox.manager(watchdog: nil).say("Not ready: no room.")
            #expect(inbox.messages == ["STATUS=Not ready: no room.\n"])
        }
    }

    @Test func `the loop pings at half of the time allowed, to the end`() async throws {
        try await LoopFixture.run {
            let inbox = Inbox()
            let manager = inbox.manager(watchdog: .milliseconds(20))
            manager.ready("up")
            #expect(inbox.messages == ["READY=1\nSTATUS=up\nWATCHDOG=1\n"])
            let start = ContinuousClock.now
            try await LoopTurn.until { inbox.messages.count == 6 }
            // Five times 10 ms, but for what the loop's whole milliseconds swallow.
            #expect(start.duration(to: .now) >= .milliseconds(45))
            #expect(inbox.messages[1...].allSatisfy { $0 == "WATCHDOG=1\n" })
            manager.stopping("down")
            #expect(inbox.messages.last == "STOPPING=1\nSTATUS=down\nWATCHDOG=1\n")
            try await LoopTurn.until { inbox.messages.count == 9 }
        }
    }

    @Test func `what could not be sent is sent again, as it is by then`() async throws {
        try await LoopFixture.run {
            let inbox = Inbox()
            let manager = inbox.manager(watchdog: nil)
            inbox.isFull = true
            manager.ready("one")
            manager.say("two")
            #expect(inbox.messages.isEmpty)
            inbox.isFull = false
            try await LoopTurn.until { !inbox.messages.isEmpty }
            #expect(inbox.messages == ["READY=1\nSTATUS=two\n"])
        }
    }

    @Test func `a status stays one line, and short`() async throws {
        try await LoopFixture.run {
            let inbox = Inbox()
            let manager = inbox.manager(watchdog: nil)
            manager.say("a\nMAINPID=1\r\u{7F}é")
            manager.say(String(repeating: "é", count: 5000))
            #expect(inbox.messages[0] == "STATUS=a MAINPID=1  é\n")
            #expect(inbox.messages[1].utf8.count < 4096 - "READY=1\nWATCHDOG=1\n".utf8.count)
        }
    }

    @Test(arguments: [
        (["NOTIFY_SOCKET": "relative"], false), ([:], false), (["NOTIFY_SOCKET": ""], false),
        (["NOTIFY_SOCKET": "/run/x"], true), (["NOTIFY_SOCKET": "@x"], true),
    ])
    func `the environment names the socket`(
        _ environment: [String: String], _ isNamed: Bool
    ) async throws {
        try await LoopFixture.run {
            let manager = ServiceManager.fromEnvironment(
                { environment[$0] }, log: Logger(label: "test"))
            #expect((manager != nil) == isNamed)
        }
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "3000000"], Duration.seconds(3)),
        (
            ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(ProcessEnvironment.processID)"],
            .seconds(3)
        ),
        (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], nil),
        (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
    ])
    func `pings are for the process that is named`(
        _ environment: [String: String], _ watchdog: Duration?
    ) {
        #expect(ServiceManager.watchdog { environment[$0] } == watchdog)
    }

    @Test func `the store's health is heard of when it changes`() async throws {
        try await LoopFixture.run {
            let health = StoreHealth(store: MemoryAlertStore(), log: Logger(label: "test"))
            var heard: [String] = []
            health.onChange = { heard.append($0?.message ?? "well") }
            health.worked()
            health.failed(StoreError(.full, "no room"))
            health.failed(StoreError(.full, "no room"))
            health.worked()
            #expect(heard == ["no room", "well"])
            health.stop()
        }
    }
}

/// What the service manager got to read.
@LoopActor
private final class Inbox {
    var messages: [String] = []
    var isFull = false

    func manager(watchdog: Duration?) -> ServiceManager {
        ServiceManager(watchdog: watchdog, log: Logger(label: "test")) {
            [self] (message) throws(UVError) in
            guard !isFull else { throw Self.refusal }
            messages.append(message)
        }
    }

    /// Any error will do; this one is to be had without a socket.
    private static let refusal: UVError = {
        do throws(UVError) {
            _ = try NotificationSocket("none")
            preconditionFailure("a relative path is no address")
        } catch {
            return error
        }
    }()
}
