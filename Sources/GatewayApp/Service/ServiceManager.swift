package import EventLoop
package import Logging

/// Tells the service manager that started the process how the process is.
///
/// Each message says all there is to say, so that one that was lost is made good by the next.
/// Source: sd_notify(3), sd_watchdog_enabled(3).
@LoopActor
package final class ServiceManager {
    private enum Phase: String {
        case starting = ""
        case ready = "READY=1\n"
        case stopping = "STOPPING=1\n"
    }

    private let deliver: @LoopActor (String) throws(UVError) -> Void
    private let pingInterval: Duration?
    private let log: Logger
    private let timer = Timer()
    private var phase = Phase.starting
    private var status = ""
    private var isTold = true
    private var isComplaintLogged = false
    /// Until what could not be sent is tried again: the manager reads its queue within moments,
    /// and is back within a second or so when it starts itself anew.
    private static let retryInterval = Duration.milliseconds(250)
    /// Of a status, in UTF-8: half of the datagram that a manager reads.
    private static let statusBytesMax = 2048

    /// Makes one that has said nothing yet.
    ///
    /// - Parameters:
    ///   - watchdog: After which silence the manager ends the process; `nil` for never.
    ///   - log: Hears of messages that could not be sent.
    ///   - deliver: Sends a message, or says why it could not be sent now.
    package init(
        watchdog: Duration?, log: Logger,
        deliver: @escaping @LoopActor (String) throws(UVError) -> Void
    ) {
        self.deliver = deliver
        // Half of it, so that one turn may be late (sd_watchdog_enabled(3)).
        pingInterval = watchdog.map { $0 / 2 }
        self.log = log
    }

    /// The manager that the environment names; `nil` when there is none.
    package static func fromEnvironment(
        _ environment: (String) -> String?, log: Logger
    ) -> ServiceManager? {
        guard let address = environment("NOTIFY_SOCKET"), !address.isEmpty else { return nil }
        do throws(UVError) {
            let socket = try NotificationSocket(address)
            return ServiceManager(watchdog: watchdog(environment), log: log) {
                (message) throws(UVError) in try socket.send(message)
            }
        } catch {
            log.error(
                "The service manager can't be told anything.",
                metadata: ["notify_socket": "\(address)", "error": "\(error)"])
            return nil
        }
    }

    /// The service is up; pings begin.
    package func ready(_ status: String) {
        phase = .ready
        say(status)
    }

    /// How things are, in words.
    package func say(_ status: String) {
        self.status = Self.line(status)
        isTold = false
        send()
    }

    /// The service is about to end; pings go on until it has.
    package func stopping(_ status: String) {
        phase = .stopping
        say(status)
    }

    private func send() {
        // The watchdog is fed by the loop's timer only: a loop that hangs feeds nothing.
        let ping = pingInterval != nil ? "WATCHDOG=1\n" : ""
        let news = isTold ? "" : phase.rawValue + "STATUS=\(status)\n"
        do throws(UVError) {
            try deliver(news + ping)
            isTold = true
            isComplaintLogged = false
        } catch {
            if !isComplaintLogged {
                log.warning(
                    "The service manager could not be told; it is tried again.",
                    metadata: ["error": "\(error)"])
            }
            isComplaintLogged = true
            isTold = false
        }
        schedule()
    }

    private func schedule() {
        let delay =
            isTold ? pingInterval : min(Self.retryInterval, pingInterval ?? Self.retryInterval)
        guard let delay else { return }
        timer.start(after: delay) { [weak self] in self?.send() }
    }

    /// After which silence the manager ends this process; `nil` when it does not watch it.
    package nonisolated static func watchdog(_ environment: (String) -> String?) -> Duration? {
        guard let microseconds = environment("WATCHDOG_USEC").flatMap({ Int64($0) }),
            microseconds > 0
        else { return nil }
        // Unset, it is for whoever reads it.
        let processID = environment("WATCHDOG_PID") ?? String(ProcessEnvironment.processID)
        guard processID == String(ProcessEnvironment.processID) else { return nil }
        return .microseconds(microseconds)
    }

    /// One line, as a line's end would begin another assignment.
    private static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            line.unicodeScalars.append(isControl ? " " : scalar)
            guard line.utf8.count < statusBytesMax else { break }
        }
        return line
    }
}
