import Alerts
import EventLoop
import JSON
package import Logging

/// Formats messages for people or for programs and hands them to the sink.
package struct GatewayLogHandler: LogHandler {
    private let sink: LogSink
    private let format: LogFormat
    /// The least serious level that is written.
    package var logLevel: Logger.Level
    /// What every message carries.
    package var metadata: Logger.Metadata = [:]
    /// Not used: nothing here carries a task-local context.
    package var metadataProvider: Logger.MetadataProvider?

    /// Makes a handler.
    package init(sink: LogSink, format: LogFormat, level: Logger.Level) {
        self.sink = sink
        self.format = format
        logLevel = level
    }

    /// One of the values that every message carries.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one message.
    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = fields.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let now = WallClock.system.now.rfc3339
        switch format {
        case .json:
            sink.write(Self.json(now, event.level, "\(event.message)", pairs))
        case .text:
            sink.write(Self.text(now, event.level, "\(event.message)", pairs))
        }
    }

    private static func json(
        _ now: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> [UInt8] {
        var json = JSONWriter(bytesExpected: 256)
        json.object { json in
            json.member("time", now)
            json.member("level", level.rawValue)
            json.member("message", message)
            for (key, value) in pairs { json.member(key, value) }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static func text(
        _ now: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> [UInt8] {
        var line = "\(now) \(level.rawValue.uppercased()) \(message.onOneLine)"
        for (key, value) in pairs {
            let plain = value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
            line += plain ? " \(key)=\(value.onOneLine)" : " \(key)=\"\(value.onOneLine)\""
        }
        return Array((line + "\n").utf8)
    }
}

extension String {
    /// The text with control characters and quotes escaped, so that no peer writes log lines.
    fileprivate var onOneLine: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") }) else {
            return self
        }
        var line = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f: line += "\\u{\(String(scalar.value, radix: 16))}"
            case 0x22: line += "\\\""
            case _: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
