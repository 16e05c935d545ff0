import EventLoop
import Logging

/// The process's log, as configured: the logger that the parts use, and the queue behind it.
package struct GatewayLog: Sendable {
    let logger: Logger
    private let sink: LogSink

    /// Starts logging to standard error.
    ///
    /// - Throws: When the system has no thread left for the writer.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        do throws(UVError) {
            sink = try LogSink()
        } catch {
            throw ConfigurationError("threads", "the system has none left: \(error.message)")
        }
        let sink = sink
        let format = configuration.logFormat ?? (StandardStream.error.isTerminal ? .text : .json)
        let level = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
        logger = Logger(label: "gateway") { _ in
            GatewayLogHandler(sink: sink, format: format, level: level)
        }
    }

    /// Writes what is queued; for the moment before the process ends.
    package func flush() {
        sink.flush()
    }

    /// Says that the process can't go on, and why.
    package func fail(_ reason: String) {
        logger.critical("The gateway can't go on.", metadata: ["error": "\(reason)"])
    }
}
