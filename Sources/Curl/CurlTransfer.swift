import CCurl
import EventLoop

/// One request under way, and the libcurl handle that carries it.
///
/// The driver keeps it alive until the transfer has ended; libcurl knows it only by an unretained
/// pointer, which `deinit` takes back by cleaning the handle up.
@LoopActor @safe
final class CurlTransfer {
    let easy: UnsafeMutableRawPointer
    let request: CurlRequest
    var onEnd: (@LoopActor (Result<CurlResponse, CurlError>) -> Void)?
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var sentCount = 0
    private var isTooLarge = false
    /// Bytes of header fields: as much as a browser would take.
    private static let headerBytesMax = 65_536

    init(_ request: CurlRequest) throws(CurlError) {
        self.request = request
        guard let easy = unsafe curl_easy_init() else {
            throw CurlError(.other, "libcurl has no memory for a transfer")
        }
        unsafe self.easy = easy
        try configure()
    }

    isolated deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(fields)
    }

    /// The handle's address, by which the driver knows the transfer.
    var key: Int { unsafe Int(bitPattern: easy) }

    /// Ends the transfer: the answer, or why there is none.
    func end(_ code: CURLcode) {
        let onEnd = onEnd
        self.onEnd = nil
        guard code == CURLE_OK else {
            let error =
                isTooLarge
                ? CurlError(
                    .tooLarge, "the answer is larger than \(request.responseBodyBytesMax) bytes",
                    wasRequestSent: true)
                : CurlError(code: code, message: message(code), wasRequestSent: hasSent)
            onEnd?(.failure(error))
            return
        }
        var status = 0
        _ = unsafe ccurl_easy_get_long(easy, CURLINFO_RESPONSE_CODE, &status)  // Always known.
        onEnd?(.success(CurlResponse(statusCode: status, headers: headers, body: body)))
    }

    /// Ends the transfer because the driver can't go on with it.
    func abort(_ message: String) {
        let onEnd = onEnd
        self.onEnd = nil
        onEnd?(.failure(CurlError(.aborted, message, wasRequestSent: hasSent)))
    }

    /// Whether any byte of the request may have left; a proxy's CONNECT counts, to be safe.
    private var hasSent: Bool {
        var bytes = 0
        let code = unsafe ccurl_easy_get_long(easy, CURLINFO_REQUEST_SIZE, &bytes)
        return code != CURLE_OK || bytes > 0
    }

    private func message(_ code: CURLcode) -> String {
        unsafe String(cString: curl_easy_strerror(code))
    }

    // MARK: Options

    private func configure() throws(CurlError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(unsafe ccurl_easy_set_body_receiver(easy, bodyArrived, context))
        try check(unsafe ccurl_easy_set_header_receiver(easy, headerArrived, context))
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        if request.method == "HEAD" { try set(CURLOPT_NOBODY, 1) }
        // Signals would hit the whole process (curl CURLOPT_NOSIGNAL).
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_PROTOCOLS_STR, request.allowsPlainHTTP ? "http,https" : "https")
        // A redirect could carry the key elsewhere.
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // HTTP/2 where TLS offers it, HTTP/1.1 elsewhere.
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: request.connectDeadline.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, Int(clamping: request.totalDeadline.milliseconds))
        // Nothing but what the caller names is said about the machine.
        try set(CURLOPT_USERAGENT, "bigpanda-gateway")
        if let path = request.unixSocketPath { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
        if let file = request.caFile { try set(CURLOPT_CAINFO, file) }
        try unsafe configureBody(context)
        try configureHeaders()
    }

    private func configureBody(_ context: UnsafeMutableRawPointer) throws(CurlError) {
        guard let body = request.body else { return }
        try set(CURLOPT_POST, 1)
        // Read by callback and not seekable: so libcurl can't send it again by itself when a kept
        // connection turns out dead (curl lib/transfer.c, Curl_retry_request); the caller has to
        // look first whether it was carried out.
        try unsafe check(ccurl_easy_set_body_sender(easy, bodyWanted, context))
        let size = curl_off_t(body.count)
        try check(unsafe ccurl_easy_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, size))
    }

    private func configureHeaders() throws(CurlError) {
        // No Expect: 100-continue, whose wait would cost a second with peers that don't know it.
        for (name, value) in request.headers + [("Expect", "")] {
            let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard !line.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else {
                throw CurlError(.other, "a header field holds a line break")
            }
            guard let longer = unsafe curl_slist_append(fields, line) else {
                throw CurlError(.other, "libcurl has no memory for header fields")
            }
            unsafe fields = longer
        }
        try check(unsafe ccurl_easy_set_headers(easy, fields))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(unsafe ccurl_easy_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try check(unsafe ccurl_easy_set_string(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else {
            throw CurlError(code: code, message: message(code), wasRequestSent: false)
        }
    }

    // MARK: Callbacks

    /// Takes a piece of the answer's body; false fails the transfer.
    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request.responseBodyBytesMax else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Takes a header line; false fails the transfer.
    fileprivate func take(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerBytesMax else {
            isTooLarge = true
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") { headers = [] }  // A status line: what came before is over.
        guard let colon = line.firstIndex(of: ":") else { return true }
        let blanks: Set<Character> = [" ", "\t", "\r\n", "\r", "\n"]
        var value = line[line.index(after: colon)...].drop { blanks.contains($0) }
        while let last = value.last, blanks.contains(last) { value.removeLast() }
        headers.append((line[..<colon].lowercased(), String(value)))
        return true
    }

    /// Gives the next piece of the request's body.
    fileprivate func give(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = request.body else { return 0 }
        let count = min(buffer.count, body.count - sentCount)
        unsafe body.withUnsafeBytes { bytes in
            let piece = unsafe UnsafeRawBufferPointer(
                rebasing: bytes[sentCount..<sentCount + count])
            unsafe buffer.copyMemory(from: piece)
        }
        sentCount += count
        return count
    }
}

private func transfer(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
    unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
}

// Any number but the one handed in fails the transfer (curl CURLOPT_WRITEFUNCTION).
private func bodyArrived(
    _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    // Lent for the length of this call, which stays on the loop's thread.
    nonisolated(unsafe) let bytes = unsafe UnsafeRawBufferPointer(
        start: start, count: size * count)
    let target = unsafe transfer(context)
    return LoopActor.assumeIsolated { unsafe target.take(body: bytes) ? bytes.count : 0 }
}

private func headerArrived(
    _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    // Lent for the length of this call, which stays on the loop's thread.
    nonisolated(unsafe) let bytes = unsafe UnsafeRawBufferPointer(
        start: start, count: size * count)
    let target = unsafe transfer(context)
    return LoopActor.assumeIsolated { unsafe target.take(header: bytes) ? bytes.count : 0 }
}

private func bodyWanted(
    _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    // Lent for the length of this call, which stays on the loop's thread.
    nonisolated(unsafe) let buffer = unsafe UnsafeMutableRawBufferPointer(
        start: start, count: size * count)
    let source = unsafe transfer(context)
    return LoopActor.assumeIsolated { unsafe source.give(into: buffer) }
}
