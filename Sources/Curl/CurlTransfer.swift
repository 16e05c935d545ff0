import CCurl
import EventLoop
import Glibc

/// One transfer: libcurl's handle, what it points at, and whoever waits for the outcome.
///
/// Kept alive by its driver from `curl_multi_add_handle` to `curl_multi_remove_handle`; libcurl
/// calls it back only in between.
@LoopActor @safe
final class CurlTransfer {
    typealias Outcome = Result<CurlResponse, CurlError>

    let request: CurlRequest
    let easy: UnsafeMutableRawPointer
    let errorText: UnsafeMutablePointer<CChar>
    var headerList = CurlList()
    /// The handle's address, as a key.
    let address: UInt
    var continuation: CheckedContinuation<Outcome, Never>?

    fileprivate var collector: ResponseCollector
    private var sendCount = 0
    private var isRepeatRefused = false
    private var isAddressRefused = false

    init(_ request: CurlRequest, userAgent: String, driver: CurlDriver) throws(CurlError) {
        guard let easy = unsafe curl_easy_init() else {
            throw CurlError(
                code: Int32(CURLE_FAILED_INIT.rawValue), message: "\(request.summary): no memory",
                kind: .other, wasRequestSent: false)
        }
        unsafe self.easy = easy
        address = UInt(bitPattern: easy)
        self.request = request
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        collector = ResponseCollector(bodyBytesMax: request.responseBodyBytesMax)
        // From here on deinit cleans up after a failure.
        try setOptions(userAgent: userAgent, driver: driver)
    }

    isolated deinit {
        // The handle first: it uses the list and the text to its end.
        unsafe curl_easy_cleanup(easy)
        unsafe errorText.deallocate()
    }

    /// What came of it, told to whoever waits.
    func finish(_ code: CURLcode) {
        // Nothing may be missing of the answer but what is beyond the accepted length of its body.
        let isCutShort = request.cutsResponseBody && collector.isBodyTooLarge
        finish(code == CURLE_OK || isCutShort ? .success(response()) : .failure(error(code)))
    }

    /// As `finish(_:)`, for a transfer that libcurl didn't end.
    func finish(_ outcome: Outcome) {
        let continuation = continuation
        self.continuation = nil
        continuation?.resume(returning: outcome)
    }

    /// The error of a transfer that is ended from outside.
    func aborted(_ reason: String) -> CurlError {
        CurlError(
            code: Int32(CURLE_ABORTED_BY_CALLBACK.rawValue),
            message: "\(request.summary): \(reason)", kind: .aborted,
            wasRequestSent: sendCount > 0)
    }

    /// The error that libcurl's code stands for.
    func error(_ code: CURLcode) -> CurlError {
        let wasRequestSent = sendCount > 0
        let kind: CurlError.Kind
        let reason: String
        if collector.isTooLarge {
            (kind, reason) = (.tooLarge, "the answer is longer than accepted")
        } else if isRepeatRefused {
            (kind, reason) = (.reset, "the connection was closed before an answer")
        } else if isAddressRefused, !wasRequestSent {
            (kind, reason) = (.addressRefused, "the address is not admitted")
        } else {
            // What a proxy said to CONNECT; 0 when none was asked.
            let isRefusedByProxy = !wasRequestSent && info(CURLINFO_HTTP_CONNECTCODE) >= 300
            kind =
                isRefusedByProxy ? .proxy : CurlError.Kind(code, wasRequestSent: wasRequestSent)
            reason = unsafe Self.reason(code, errorText)
        }
        return CurlError(
            code: Int32(code.rawValue), message: "\(request.summary): \(reason)", kind: kind,
            wasRequestSent: wasRequestSent)
    }

    /// The connection stands and the request is about to be sent on it.
    ///
    /// libcurl repeats a request by itself when a connection that it used before was closed
    /// without an answer (libcurl lib/transfer.c, `Curl_retry_request`). The peer may have acted on
    /// the first one all the same, so only what may be repeated is.
    fileprivate func sending() -> Bool {
        guard sendCount == 0 || request.isIdempotent && request.allowsRepeat else {
            isRepeatRefused = true
            return false
        }
        sendCount += 1
        return true
    }

    /// Whether a connection to an address may be opened.
    fileprivate func admit(_ address: [UInt8]) -> Bool {
        guard request.admits?(address) != true else { return true }
        isAddressRefused = true
        return false
    }

    private func response() -> CurlResponse {
        let version: String
        switch info(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): version = "1.0"
        case Int(CURL_HTTP_VERSION_2_0): version = "2"
        default: version = "1.1"
        }
        return CurlResponse(
            statusCode: info(CURLINFO_RESPONSE_CODE), headers: collector.headers,
            body: collector.body, httpVersion: version,
            isConnectionReused: info(CURLINFO_NUM_CONNECTS) == 0)
    }

    private func info(_ info: CURLINFO) -> Int {
        var value = 0
        _ = unsafe ccurl_easy_get_long(easy, info, &value)  // Fails on a wrong type only.
        return value
    }

    /// libcurl's own words, or else the code's; of one line and bounded.
    private static func reason(_ code: CURLcode, _ text: UnsafePointer<CChar>) -> String {
        let words = unsafe String(cString: text)
        let reason = unsafe words.isEmpty ? String(cString: curl_easy_strerror(code)) : words
        let plain = reason.unicodeScalars.prefix(CurlLimits.messageCharactersMax)
            .filter { $0.properties.generalCategory != .control }
        return String(String.UnicodeScalarView(plain))
    }
}

/// The transfer that a callback's context stands for.
private func transfer(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
    unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
}

/// `CURLOPT_WRITEFUNCTION`: returning less than came ends the transfer.
func bodyArrived(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe transfer(context)
    // Used within this call only, and on the loop's thread, which assumeIsolated checks.
    nonisolated(unsafe) let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    let isTaken = LoopActor.assumeIsolated { unsafe transfer.collector.takeBody(piece) }
    return isTaken ? size * count : 0
}

/// `CURLOPT_HEADERFUNCTION`: returning less than came ends the transfer.
func headerArrived(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe transfer(context)
    // Used within this call only, and on the loop's thread, which assumeIsolated checks.
    nonisolated(unsafe) let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    let isTaken = LoopActor.assumeIsolated { unsafe transfer.collector.takeHeaderLine(line) }
    return isTaken ? size * count : 0
}

/// `CURLOPT_PREREQFUNCTION`: the last moment before the request is sent.
func requestStarting(
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt
) -> CInt {
    guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
    let transfer = unsafe transfer(context)
    let isAllowed = LoopActor.assumeIsolated { transfer.sending() }
    return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// `CURLOPT_OPENSOCKETFUNCTION`: the name is resolved, and the address is about to be connected to.
///
/// Source: <https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html>
func socketOpening(
    _ context: UnsafeMutableRawPointer?, _: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address else { return -1 }
    let transfer = unsafe transfer(context)
    let family = unsafe address.pointee.family
    // Longer addresses than a `sockaddr` follow in the same memory (libcurl lib/connect.c).
    let start = unsafe UnsafeRawPointer(address).advanced(
        by: MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0)
    let bytes: [UInt8]
    switch family {
    case AF_INET: bytes = unsafe Array(UnsafeRawBufferPointer(start: start + 4, count: 4))
    case AF_INET6: bytes = unsafe Array(UnsafeRawBufferPointer(start: start + 8, count: 16))
    default: return -1
    }
    guard LoopActor.assumeIsolated({ transfer.admit(bytes) }) else { return -1 }
    return unsafe socket(
        family, address.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}
