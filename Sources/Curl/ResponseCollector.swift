/// Puts a response together from the pieces that libcurl hands over, within its bounds.
struct ResponseCollector {
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// Whether the answer was longer than accepted.
    var isTooLarge: Bool { isHeadTooLarge || isBodyTooLarge }
    /// Whether its body was.
    private(set) var isBodyTooLarge = false

    private let bodyBytesMax: Int
    private var isHeadTooLarge = false
    private var isHeadWhole = false
    private var headBytes = 0

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }

    /// Takes one whole header line, as libcurl delivers them: status line and empty line included.
    ///
    /// Source: <https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html>
    /// - Returns: False when the bounds are reached and the transfer is to end.
    mutating func takeHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= CurlLimits.responseHeadBytesMax,
            headers.count < CurlLimits.responseHeadersMax
        else {
            isHeadTooLarge = true
            return false
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // Another response: what came before was a 1xx (RFC 9110, section 15.2).
            headers = []
            isHeadWhole = false
        } else if text == "\r\n" || text == "\n" {
            isHeadWhole = true
        } else if !isHeadWhole, let colon = text.firstIndex(of: ":") {
            // Trailers, which come after the head, have no use here.
            let value = text[text.index(after: colon)...]
            headers.append((text[..<colon].lowercased(), Self.trimmed(value)))
        }
        return true
    }

    /// Takes a piece of the body.
    ///
    /// - Returns: False when the bounds are reached and the transfer is to end.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyBytesMax - body.count else {
            isBodyTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
