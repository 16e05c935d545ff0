/// The bounds of outbound transfers, each with its unit and its reason.
package enum CurlLimits {
    /// Transfers under way or waiting for a connection; more are refused rather than queued, for
    /// the caller knows better what to give up.
    package static let transfersMax = 1024
    /// Connections open to one host: far more than the rate that BigPanda allows can keep busy.
    static let hostConnectionsMax = 32
    /// Connections open in all, so that transfers can't use up the process's descriptors.
    static let connectionsMax = 64
    /// Connections kept open without a transfer.
    static let idleConnectionsMax = 16
    /// Seconds after which an idle connection is not used again: below the 60 s at which common
    /// load balancers close theirs, so that a request rarely meets a connection being closed.
    static let idleConnectionSecondsMax = 50
    /// Bytes of all header lines of a response: what the HTTP server here accepts of a request.
    static let responseHeadBytesMax = 65_536
    /// Header lines of a response.
    static let responseHeadersMax = 200
    /// Bytes of a response's body, unless the request says otherwise.
    package static let responseBodyBytesDefaultMax = 1_048_576
    /// Characters of libcurl's own words in an error.
    static let messageCharactersMax = 256
    /// 7.87.0 as `curl_version_info` counts: the first release with `CURLOPT_QUICK_EXIT`, without
    /// which giving up a transfer can block the loop in the resolver.
    static let libcurlVersionMin: UInt32 = 7 << 16 | 87 << 8
}
