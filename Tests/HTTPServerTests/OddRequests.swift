import Testing

@testable import HTTPServer

/// A request that isn't quite one, and what is answered.
struct OddRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// The status that the first answer may have.
    let statuses: Set<Int>
    /// What the scanner says, where it is the scanner that refuses.
    let fault: HeadFault?

    init(_ name: String, _ text: String, _ status: Int, _ fault: HeadFault? = nil) {
        self.init(name, Array(text.utf8), [status], fault)
    }

    init(_ name: String, _ bytes: [UInt8], _ statuses: Set<Int>, _ fault: HeadFault? = nil) {
        self.name = name
        self.bytes = bytes
        self.statuses = statuses
        self.fault = fault
    }

    var testDescription: String { name }
}

extension OddRequest {
    private static let host = "Host: a\r\n"

    private static func get(_ fields: String, _ name: String, _ fault: HeadFault) -> OddRequest {
        OddRequest(name, "GET / HTTP/1.1\r\n\(fields)\r\n", 400, fault)
    }

    private static func post(_ fields: String, _ name: String, _ fault: HeadFault) -> OddRequest {
        OddRequest(name, "POST /echo HTTP/1.1\r\n\(host)\(fields)\r\n", 400, fault)
    }

    /// Everything that is refused by its head, with the connection closed.
    static let refused: [OddRequest] =
        requestLines + lineEnds + fields + hosts + lengths + encodings + sizes

    private static let requestLines = [
        OddRequest("GET *", "GET * HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("fragment", "GET /a#b HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("no leading slash", "GET a HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("no target", "GET  HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("two spaces", "GET /  HTTP/1.1\r\n\(host)\r\n", 400, .version),
        OddRequest("tab for space", "GET\t/ HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest("tab in target", "GET /\ta HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("space in front", " GET / HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest("space behind", "GET / HTTP/1.1 \r\n\(host)\r\n", 400, .version),
        OddRequest("raw UTF-8 in target", "GET /é HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("DEL in target", "GET /\u{7f} HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("NUL in target", "GET /\0 HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("control in target", "GET /\u{1} HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("other scheme", "GET ftp://a/ HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("half a scheme", "GET http:/a HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("target with user", "GET http://u@a/ HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("target without host", "GET http:///a HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("CONNECT without port", "CONNECT a HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("OPTIONS *a", "OPTIONS *a HTTP/1.1\r\n\(host)\r\n", 400, .target),
        OddRequest("bracket in method", "G(T / HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest("no method", " / HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest(
            "very long method", String(repeating: "A", count: 9_000) + " / HTTP/1.1\r\n", 400,
            .method),
        OddRequest("HTTP/2.0", "GET / HTTP/2.0\r\n\(host)\r\n", 400, .version),
        OddRequest("HTTP/1.11", "GET / HTTP/1.11\r\n\(host)\r\n", 400, .version),
        OddRequest("HTTP/1", "GET / HTTP/1\r\n\(host)\r\n", 400, .version),
        OddRequest("HTTP/01.1", "GET / HTTP/01.1\r\n\(host)\r\n", 400, .version),
        OddRequest("HTTP/1,1", "GET / HTTP/1,1\r\n\(host)\r\n", 400, .version),
        OddRequest("small letters", "GET / http/1.1\r\n\(host)\r\n", 400, .version),
        OddRequest("other protocol", "GET / ICY/1.1\r\n\(host)\r\n", 400, .version),
        OddRequest("HTTP/0.9", "GET /\r\n", 400, .version),
        OddRequest("PRI", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, .target),
        OddRequest("TLS hello", [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3], [400], .method),
        OddRequest("binary", [0, 1, 2, 3, 255, 254], [400], .method),
        OddRequest("SSH", "SSH-2.0-OpenSSH_9.2\r\n", 400, .method),
    ]

    private static let lineEnds = [
        OddRequest("LF behind the line", "GET / HTTP/1.1\n\(host)\r\n", 400, .version),
        OddRequest("LF for CRLF in 0.9", "GET /\n", 400, .target),
        OddRequest("CR without LF", "GET / HTTP/1.1\r\(host)\r\n", 400, .lineEnd),
        get("Host: a\n", "LF behind a field", .lineEnd),
        get("Host: a\rX: b\r\n", "CR in a value", .lineEnd),
        get("Host: a\r\nX\r: b\r\n", "CR in a name", .fieldName),
        get("Host: a\r\nX: b\r\r\n", "CR CR LF", .lineEnd),
        OddRequest("LF at the end", "GET / HTTP/1.1\r\n\(host)\n", 400, .lineEnd),
        OddRequest("CR CR at the end", "GET / HTTP/1.1\r\n\(host)\r\r", 400, .lineEnd),
        OddRequest("LF in front", "\nGET / HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest("two empty lines", "\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", 400, .method),
        OddRequest("CR in front", "\rGET / HTTP/1.1\r\n\(host)\r\n", 400, .lineEnd),
    ]

    private static let fields = [
        get("\(host)X: a\r\n b\r\n", "folded by a space", .foldedField),
        get("\(host)X: a\r\n\tb\r\n", "folded by a tab", .foldedField),
        get(" \(host)", "space in front of the first field", .foldedField),
        get("\(host)X : a\r\n", "space before the colon", .fieldName),
        get("\(host)X\t: a\r\n", "tab before the colon", .fieldName),
        get("\(host)X\r\n", "no colon", .fieldName),
        get("\(host): a\r\n", "no name", .fieldName),
        get("\(host)X Y: a\r\n", "space in a name", .fieldName),
        get("\(host)X(: a\r\n", "bracket in a name", .fieldName),
        get("\(host)Xé: a\r\n", "UTF-8 in a name", .fieldName),
        get("\(host)X\0: a\r\n", "NUL in a name", .fieldName),
        get("\(host)X: a\0b\r\n", "NUL in a value", .fieldValue),
        get("\(host)X: a\u{1}b\r\n", "control in a value", .fieldValue),
        get("\(host)X: a\u{7f}b\r\n", "DEL in a value", .fieldValue),
        get(
            "\(host)Authorization: Bearer a\r\nAuthorization: Bearer a\r\n", "two identities",
            .authorization),
    ]

    private static let hosts = [
        get("", "no Host", .host),
        get("Host:\r\n", "empty Host", .host),
        get("Host: \r\n", "blank Host", .host),
        get("Host: a\r\nHost: b\r\n", "two Hosts", .host),
        get("Host: a\r\nhost: a\r\n", "the same Host twice", .host),
        get("Host: a,b\r\n", "Host list", .host),
        get("Host: a, b\r\n", "Host list with a space", .host),
        get("Host: u@a\r\n", "Host with user", .host),
        get("Host: a/b\r\n", "Host with slash", .host),
        get("Host: a b\r\n", "Host with space", .host),
        get("Host: a:b\r\n", "Host with a word for port", .host),
        get("Host: a:99999\r\n", "Host with a large port", .host),
        get("Host: a:-1\r\n", "Host with a negative port", .host),
        get("Host: a:1:2\r\n", "Host with two ports", .host),
        get("Host: [::1\r\n", "Host with half a bracket", .host),
        get("Host: [g::1]\r\n", "Host with a bad address", .host),
        get("Host: http://a\r\n", "Host with scheme", .host),
        get("Host: a?b\r\n", "Host with query", .host),
        get("Host: é\r\n", "Host with UTF-8", .host),
    ]

    private static let lengths = [
        post("Content-Length: 1\r\nContent-Length: 1\r\n", "two lengths", .contentLength),
        post("Content-Length: 1\r\nContent-Length: 2\r\n", "unequal lengths", .contentLength),
        post("Content-Length: 1,1\r\n", "length list", .contentLength),
        post("Content-Length: 1, 1\r\n", "length list with a space", .contentLength),
        post("Content-Length: +1\r\n", "positive sign", .contentLength),
        post("Content-Length: -1\r\n", "negative length", .contentLength),
        post("Content-Length: 0x1\r\n", "hexadecimal length", .contentLength),
        post("Content-Length: 1 1\r\n", "two numbers", .contentLength),
        post("Content-Length: 1.0\r\n", "fraction", .contentLength),
        post("Content-Length:\r\n", "empty length", .contentLength),
        post("Content-Length: ٣\r\n", "other digits", .contentLength),
        post("Content-Length: 99999999999999999999\r\n", "overflow", .contentLength),
        post("Content-Length: 18446744073709551617\r\n", "wraps to 1", .contentLength),
    ]

    private static let encodings = [
        post("Transfer-Encoding: gzip\r\n", "other coding", .transferEncoding),
        post("Transfer-Encoding: gzip, chunked\r\n", "list of codings", .transferEncoding),
        post("Transfer-Encoding: chunked, chunked\r\n", "twice in one", .transferEncoding),
        post("Transfer-Encoding: chunked, identity\r\n", "chunked first", .transferEncoding),
        post("Transfer-Encoding: identity\r\n", "identity", .transferEncoding),
        post("Transfer-Encoding: xchunked\r\n", "like chunked", .transferEncoding),
        post("Transfer-Encoding: \"chunked\"\r\n", "quoted", .transferEncoding),
        post("Transfer-Encoding: chunked;a=b\r\n", "with parameter", .transferEncoding),
        post("Transfer-Encoding:\r\n", "empty coding", .transferEncoding),
        post("Transfer-Encoding: chunked\u{b}\r\n", "vertical tab", .fieldValue),
        post(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "two codings",
            .transferEncoding),
        post(
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "coding then length",
            .transferEncoding),
        post(
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "length then coding",
            .transferEncoding),
        OddRequest(
            "coding in 1.0", "POST /echo HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n",
            400, .transferEncoding),
    ]

    private static let sizes = [
        OddRequest(
            "request line over 8,000 bytes",
            "GET /\(String(repeating: "a", count: 7_987)) HTTP/1.1\r\n\(host)\r\n", 414,
            .requestLineTooLong),
        OddRequest(
            "endless request line", "GET /" + String(repeating: "a", count: 70_000), 414,
            .requestLineTooLong),
        get("\(host)X: \(String(repeating: "a", count: 66_000))\r\n", "long head", .headTooLarge)
            .with(431),
        get(
            host + String(repeating: "X: a\r\n", count: 100), "101 fields", .fieldsTooMany
        ).with(431),
    ]

    private func with(_ status: Int) -> OddRequest {
        OddRequest(name, bytes, [status], fault)
    }
}
