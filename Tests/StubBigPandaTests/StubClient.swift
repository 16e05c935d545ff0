import EventLoop
import GatewayTesting
import JSON

/// Makes one request over a connection of its own, and keeps whatever comes back.
@LoopActor
final class StubClient: StreamDelegate {
    private let stream: Stream
    private var received: [UInt8] = []
    private var isOver = false

    /// What came back.
    struct Reply: Sendable {
        let bytes: [UInt8]

        /// The status; 0 when what came is no HTTP answer.
        var statusCode: Int {
            let line = text.prefix { $0 != "\r\n" }.split(separator: " ")
            guard line.count >= 2, line[0] == "HTTP/1.1" else { return 0 }
            return Int(line[1]) ?? 0
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }

        var body: String {
            let end: [UInt8] = [13, 10, 13, 10]
            for index in bytes.indices where bytes[index...].starts(with: end) {
                return String(decoding: bytes[(index + 4)...], as: UTF8.self)
            }
            return ""
        }

        var json: JSONTree {
            get throws { try JSONTree(parsing: body) }
        }

        func field(_ name: String) -> String? {
            for line in text.split(separator: "\r\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { continue }
                return String(parts[1].drop { $0 == " " })
            }
            return nil
        }
    }

    private init(_ stream: Stream) {
        self.stream = stream
        stream.delegate = self
    }

    /// Sends a request and waits until the other end closes.
    static func request(
        _ address: ListenAddress, _ method: String, _ target: String, key: String? = nil,
        _ body: String? = nil
    ) async throws -> Reply {
        let client = StubClient(try await Stream.connect(to: address, deadline: .seconds(5)))
        defer { client.stream.close() }
        try client.stream.startReading()
        var head = "\(method) \(target) HTTP/1.1\r\nHost: stub\r\nConnection: close\r\n"
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        try client.stream.write(Array("\(head)\r\n\(body ?? "")".utf8).span)
        try await LoopTurn.until(deadline: .seconds(5)) { client.isOver }
        return Reply(bytes: client.received)
    }

    func streamRead(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe received.append(contentsOf: $0) }
    }

    func streamReadEnded() { isOver = true }
    func streamFailed(_: UVError) { isOver = true }
    func streamDrained() {}
}
