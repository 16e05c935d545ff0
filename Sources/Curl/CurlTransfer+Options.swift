import CCurl
import EventLoop

extension CurlTransfer {
    /// Every option of a transfer, with its reason.
    ///
    /// - Throws: When libcurl refuses one, for want of memory or of a feature, or when the request
    ///   has something in it that would break its head.
    func setOptions(userAgent: String, driver: CurlDriver) throws(CurlError) {
        try checkText()
        try setSafety()
        try setDeadlinesAndBounds()
        try setText(CURLOPT_URL, request.url)
        try setMethodAndBody()
        try setHeaders(userAgent: userAgent)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let driverContext = unsafe Unmanaged.passUnretained(driver).toOpaque()
        try check(unsafe ccurl_easy_set_error_buffer(easy, errorText))
        try check(unsafe ccurl_easy_on_body(easy, bodyArrived, context))
        try check(unsafe ccurl_easy_on_header(easy, headerArrived, context))
        try check(unsafe ccurl_easy_on_request(easy, requestStarting, context))
        try check(unsafe ccurl_easy_on_close_socket(easy, socketClosing, driverContext))
        if request.admits != nil {
            try check(unsafe ccurl_easy_on_open_socket(easy, socketOpening, context))
        }
    }

    private func setSafety() throws(CurlError) {
        // No signals: there are other threads, and timeouts are the loop's matter.
        try setLong(CURLOPT_NOSIGNAL, 1)
        // Nothing but HTTP, whatever a URL says: libcurl speaks file:, ftp: and two dozen more.
        try setText(CURLOPT_PROTOCOLS_STR, request.allowsPlainHTTP ? "http,https" : "https")
        // A redirect would carry the API key to wherever it points; the caller gets the 3xx.
        try setLong(CURLOPT_FOLLOWLOCATION, 0)
        // The defaults, spelled out: nobody turns them off by accident.
        try setLong(CURLOPT_SSL_VERIFYPEER, request.checksCertificate ? 1 : 0)
        try setLong(CURLOPT_SSL_VERIFYHOST, request.checksCertificate ? 2 : 0)
        // Older versions are withdrawn (RFC 8996).
        try setLong(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = request.caFile {
            try setText(CURLOPT_CAINFO, caFile)
            // A directory of the system's would be trusted as well as the file.
            try check(unsafe ccurl_easy_set_text(easy, CURLOPT_CAPATH, nil))
        }
        // HTTP/2 where TLS negotiates it: one connection carries many requests.
        try setLong(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // An answer before HTTP/1.0 is no answer but garbage.
        try setLong(CURLOPT_HTTP09_ALLOWED, 0)
        // Giving up must not wait for the resolver's thread, for it would wait on the loop.
        try setLong(CURLOPT_QUICK_EXIT, 1)
        if let path = request.unixSocketPath {
            try setText(CURLOPT_UNIX_SOCKET_PATH, path)
        }
        if request.unixSocketPath != nil || !request.allowsProxy {
            // Empty means none, whatever the environment says.
            try setText(CURLOPT_PROXY, "")
        }
        // What a proxy says to CONNECT is no part of the answer.
        try setLong(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func setDeadlinesAndBounds() throws(CurlError) {
        // Zero would mean libcurl's default of five minutes, or none at all.
        let connect = max(1, Int(clamping: request.connectDeadline.milliseconds))
        let total = max(1, Int(clamping: request.totalDeadline.milliseconds))
        try setLong(CURLOPT_CONNECTTIMEOUT_MS, connect)
        try setLong(CURLOPT_TIMEOUT_MS, total)
        try setLong(CURLOPT_MAXAGE_CONN, CurlLimits.idleConnectionSecondsMax)
        if !request.cutsResponseBody {
            // Ends early what announces itself as too long; the write callback counts the rest.
            // Zero would mean no bound.
            let bodyMax = max(1, request.responseBodyBytesMax)
            try check(unsafe ccurl_easy_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, bodyMax))
        }
        // No CURLOPT_ACCEPT_ENCODING: what isn't decompressed can't grow on the way.
    }

    private func setMethodAndBody() throws(CurlError) {
        let body = request.body ?? []
        let isPost = request.method == "POST"
        let wantsBody = isPost || request.method == "PUT" || request.method == "PATCH"
        if request.body != nil || wantsBody {
            // An empty body is sent as such: Content-Length: 0 (RFC 9110, section 8.6).
            try check(
                unsafe body.withUnsafeBytes { bytes in
                    unsafe bytes.isEmpty
                        ? ccurl_easy_set_body(easy, "", 0)
                        : ccurl_easy_set_body(easy, bytes.baseAddress, bytes.count)
                })
            if !isPost { try setText(CURLOPT_CUSTOMREQUEST, request.method) }
        } else if request.method == "HEAD" {
            // As a custom method, libcurl would wait for a body that doesn't come.
            try setLong(CURLOPT_NOBODY, 1)
        } else if request.method != "GET" {
            try setText(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func setHeaders(userAgent: String) throws(CurlError) {
        try setText(CURLOPT_USERAGENT, userAgent)
        var lines = request.headers.map { name, value in
            // A name followed by a colon alone would remove the field; a semicolon sends it empty.
            value.isEmpty ? "\(name);" : "\(name): \(value)"
        }
        // libcurl would wait a second for permission to send a larger body.
        lines.append("Expect:")
        let hasContentType = request.headers.contains { $0.name.lowercased() == "content-type" }
        // libcurl would call the body a form.
        if !hasContentType { lines.append("Content-Type:") }
        for line in lines {
            guard headerList.append(line) else { throw error(CURLE_OUT_OF_MEMORY) }
        }
        try check(unsafe ccurl_easy_set_headers(easy, headerList.first))
    }

    /// Refuses what would end a line of the head, or a C string, early.
    private func checkText() throws(CurlError) {
        let isMethod = request.method.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        guard isMethod, !request.method.isEmpty else { throw refusal("the method is none") }
        for (name, value) in request.headers {
            let isName = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x3B }
            let isValue = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            guard isName, !name.isEmpty, isValue else { throw refusal("a header field is none") }
        }
        for text in [request.url, request.caFile, request.unixSocketPath] {
            guard text?.utf8.contains(0) != true else { throw refusal("a text has a zero in it") }
        }
    }

    private func refusal(_ reason: String) -> CurlError {
        CurlError(
            code: 0, message: "\(request.summary): \(reason)", kind: .other,
            wasRequestSent: false)
    }

    private func setLong(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(unsafe ccurl_easy_set_long(easy, option, value))
    }

    private func setText(_ option: CURLoption, _ value: String) throws(CurlError) {
        try check(unsafe ccurl_easy_set_text(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw error(code) }
    }
}
