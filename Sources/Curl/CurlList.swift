import CCurl

/// A list of header lines in C memory, with one owner.
@safe
struct CurlList: ~Copyable {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    init() { unsafe first = nil }

    /// Appends a copy of `line`; false when memory is short.
    mutating func append(_ line: String) -> Bool {
        guard let list = unsafe curl_slist_append(first, line) else { return false }
        unsafe first = list
        return true
    }

    deinit { unsafe curl_slist_free_all(first) }
}
