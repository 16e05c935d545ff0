import CCurl
import EventLoop

/// libcurl as a whole: started once, looked at once.
@LoopActor
enum CurlLibrary {
    private static let startCode = curl_global_init(Int(CURL_GLOBAL_ALL))

    static func start() throws(CurlError) {
        guard startCode == CURLE_OK else { throw error("libcurl could not be started") }
        guard let version = unsafe ccurl_version() else {
            throw error("libcurl doesn't say which version it is")
        }
        let (number, features) = unsafe (version.pointee.version_num, version.pointee.features)
        guard number >= CurlLimits.libcurlVersionMin else {
            throw error("libcurl is older than 7.87.0")
        }
        guard features & CURL_VERSION_SSL != 0 else { throw error("libcurl lacks TLS") }
        // Without it, resolving a name would block the loop.
        guard features & CURL_VERSION_ASYNCHDNS != 0 else {
            throw error("libcurl resolves names by blocking")
        }
    }

    static func error(_ message: String) -> CurlError {
        CurlError(
            code: Int32(CURLE_FAILED_INIT.rawValue), message: message, kind: .other,
            wasRequestSent: false)
    }
}
