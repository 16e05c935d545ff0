import Alerts
import Curl

// Calls by way of libcurl.

extension CurlRequest {
    init(_ call: CallRequest) {
        self.init(method: call.method, url: call.baseURL.text + call.path)
        headers = [
            ("Accept", "application/json"), ("Authorization", "Bearer \(call.key.secretText)"),
        ]
        if let json = call.body {
            headers.append(("Content-Type", "application/json; charset=utf-8"))
            body = json
        }
        if let trace = call.trace {
            headers.append(("traceparent", trace.parent(naming: .random(in: 1 ... .max))))
            if let state = trace.state { headers.append(("tracestate", state)) }
        }
        connectDeadline = CallLimits.connectDuration
        totalDeadline = CallLimits.duration
        responseBodyBytesMax = CallLimits.answerBytesMax
        allowsPlainHTTP = call.baseURL.isPlain
        // The rate budget would not count it.
        allowsRepeat = false
        // A proxy's own loopback is another machine.
        allowsProxy = !call.baseURL.isLoopback
    }
}

extension CallReply {
    init(_ response: CurlResponse) {
        statusCode = response.statusCode
        retryAfter = response.header("retry-after")
        date = response.header("date")
        body = response.body
    }
}

extension CallBreak {
    init(_ error: CurlError) {
        message = error.message
        mayHaveArrived = error.wasRequestSent
        switch error.kind {
        case .tooLarge: kind = .tooLarge
        case .badURL: kind = .badAddress
        case .resolve, .connect, .tls, .timeout, .reset, .proxy, .addressRefused, .aborted, .other:
            kind = .passing
        }
    }
}
