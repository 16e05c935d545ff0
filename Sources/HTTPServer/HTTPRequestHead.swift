/// A request's method, target and fields; a small value that shares the bytes it came in.
package struct HTTPRequestHead: Sendable {
    let storage: HeadStorage

    init(_ storage: HeadStorage) { self.storage = storage }

    /// What is asked for.
    package var method: HTTPMethod { storage.facts.method }

    /// The method as the peer spelled it.
    package var methodName: String { text(storage.facts.methodRange) }

    /// The path as sent, still percent-encoded; `*` for `OPTIONS *`, `/` when the target has none.
    package var path: String {
        storage.facts.targetForm == .asterisk
            ? "*" : storage.facts.path.isEmpty ? "/" : text(storage.facts.path)
    }

    /// What follows `?` in the target, still percent-encoded; nil without a question mark.
    package var query: String? { storage.facts.query.map(text) }

    /// The other end's address, for logs.
    package var peer: String { storage.peer }

    /// What the request is called in logs and in its answer; empty where the server names none.
    package var requestID: String { storage.requestID }

    /// True when the peer may send another request on the same connection.
    package var isKeepAlive: Bool { storage.facts.keepsAlive }

    /// The bytes of content announced; nil without `Content-Length`.
    package var contentLength: Int? { storage.facts.contentLength }

    /// True when content follows, of a length given or chunked.
    package var hasBody: Bool { storage.facts.hasBody }

    /// The number of field lines.
    package var fieldCount: Int { storage.fields.count }

    /// Reads the first field of a name, whatever its case; white space around the value is gone.
    package func field(_ name: String) -> String? {
        storage.value(of: name).map(text)
    }

    /// Reads all fields of a name, given in small letters, in the order in which they came.
    package func values(of name: String) -> [String] {
        storage.values(of: name).map(text)
    }

    /// Lends the bytes of the first field of a name, whatever its case, without copying them.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - body: Gets nil when there is no such field.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    package func withField<Result, Failure: Error>(
        _ name: String, _ body: (Span<UInt8>?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let range = storage.value(of: name) else { return try body(nil) }
        let bytes = storage.bytes
        let value = bytes.span.extracting(range)
        return try body(value)
    }

    /// Calls `body` with each field line in order, the name as sent.
    package func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for field in storage.fields { body(text(field.name), text(field.value)) }
    }

    /// Lends the name and the value of each field line in order, without copying them.
    package func forEachFieldBytes(
        _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void
    ) {
        let bytes = storage.bytes
        let span = bytes.span
        for field in storage.fields {
            body(span.extracting(field.name), span.extracting(field.value))
        }
    }

    /// The media type in small letters, without parameters; nil without `Content-Type`.
    ///
    /// Source: RFC 9110, section 8.3.1.
    package var mediaType: String? {
        guard let range = storage.value(of: "content-type") else { return nil }
        let type = storage.bytes[range].prefix { $0 != UInt8(ascii: ";") }
        var letters = type.map(\.lowercased)
        while letters.last == .space || letters.last == .tab { letters.removeLast() }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The first value of a name in the query, decoded; nil when absent or not decodable.
    package func queryValue(_ name: String) -> String? {
        guard let query = storage.facts.query else { return nil }
        for pair in storage.bytes[query].split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first,
                PercentDecoding.string(first, plusIsSpace: true) == name
            else { continue }
            return parts.count == 1 ? "" : PercentDecoding.string(parts[1], plusIsSpace: true)
        }
        return nil
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: storage.bytes[range], as: UTF8.self)
    }
}

extension Span<UInt8> {
    /// Copies the bytes to the end of an array.
    package func append(to bytes: inout [UInt8]) {
        unsafe withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}

extension HTTPRequestHead {
    /// Makes a head by hand, for tests of handlers.
    ///
    /// - Throws: What is wrong with it, as for one that a peer sends; `Host` is added if missing.
    package init(
        _ method: HTTPMethod,
        _ target: String,
        fields: [HTTPField] = [],
        peer: String = "test"
    ) throws(HeadFault) {
        var text = "\(method.name) \(target) HTTP/1.1\r\n"
        if !fields.contains(where: { $0.name.lowercased() == "host" }) {
            text += "Host: localhost\r\n"
        }
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        let bytes = Array((text + "\r\n").utf8)
        var scanner = HeadScanner(limits: HTTPLimits())
        guard try scanner.scan(bytes.span), scanner.position == bytes.count else {
            throw .truncated
        }
        let storage = HeadStorage()
        try storage.fill(
            bytes.span, facts: scanner.facts, peer: peer, reader: MessageReader(),
            table: HeadTable())
        self.init(storage)
    }
}
