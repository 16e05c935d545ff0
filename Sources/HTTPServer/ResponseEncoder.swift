/// Writes answers as bytes.
struct ResponseEncoder: Sendable {
    /// What goes around an answer, decided by the connection.
    struct Framing: Sendable, Equatable {
        /// The answer to `HEAD`: the length is told, the content isn't sent.
        var isHead = false
        /// Sends `Connection: close`.
        var closes = false
        /// Tells an HTTP/1.0 peer that the connection stays open.
        var announcesKeepAlive = false
        /// Where the content ends.
        var end = End.length
        /// What the request is called; not told when empty.
        var requestID = ""
    }

    /// How a peer knows where an answer's content ends (RFC 9112, section 6.3).
    enum End: Sendable, Equatable {
        /// Its length is told before it.
        case length
        /// It comes in chunks, the last of which is empty.
        case lastChunk
        /// With the connection: HTTP/1.0 knows no chunks.
        case close
    }

    static let continuation: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    private var date = DateField()

    /// Sets the clock that `Date` shows.
    mutating func setTime(_ wallMilliseconds: Int64) { date.update(wallMilliseconds) }

    /// Adds status line and fields; the content is the caller's to send.
    func appendHead(_ response: HTTPResponse, _ framing: Framing, to bytes: inout [UInt8]) {
        bytes.append(spelling: "HTTP/1.1 ")
        bytes.appendDecimal(response.status.code)
        bytes.append(.space)
        bytes.append(contentsOf: response.status.reason.utf8)
        bytes.append(spelling: "\r\nDate: ")
        bytes.append(contentsOf: date.text)
        // RFC 9110, section 8.6: no length with 204; with 304 it would be another answer's.
        if !response.status.hasNoContent {
            switch framing.end {
            case .length:
                bytes.append(spelling: "\r\nContent-Length: ")
                bytes.appendDecimal(response.body.count)
            case .lastChunk: bytes.append(spelling: "\r\nTransfer-Encoding: chunked")
            case .close: break
            }
            if !response.body.isEmpty || framing.end != .length {
                bytes.append(spelling: "\r\nContent-Type: ")
                bytes.appendFieldValue(response.contentType)
            }
        }
        for field in response.fields {
            bytes.append(spelling: "\r\n")
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(spelling: ": ")
            bytes.appendFieldValue(field.value)
        }
        if !framing.requestID.isEmpty {
            bytes.append(spelling: "\r\nX-Request-Id: ")
            bytes.append(contentsOf: framing.requestID.utf8)
        }
        if framing.closes {
            bytes.append(spelling: "\r\nConnection: close")
        } else if framing.announcesKeepAlive {
            bytes.append(spelling: "\r\nConnection: keep-alive")
        }
        bytes.append(spelling: "\r\n\r\n")
    }

    /// True when the content follows the head.
    static func sendsBody(_ response: HTTPResponse, _ framing: Framing) -> Bool {
        !framing.isHead && !response.status.hasNoContent && !response.body.isEmpty
    }
}

extension [UInt8] {
    mutating func append(spelling text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// Adds a field's value; a control character in it becomes a space, so that it stays one value.
    mutating func appendFieldValue(_ value: String) {
        let start = count
        append(contentsOf: value.utf8)
        for index in start..<count where !self[index].isFieldValueByte { self[index] = .space }
    }
}
