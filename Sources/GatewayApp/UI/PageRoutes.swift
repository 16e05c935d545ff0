import Compression
import EventLoop
import HTTPServer
import TLS
import WebUI

/// The pages of the web UI and the files that they load.
///
/// Every path gets the same page, whose scripts show what the path names. Its files lie under a
/// path with the hash of them all, so that browsers may keep them for good.
@LoopActor
final class PageRoutes {
    /// The paths of pages, as patterns.
    static let patterns = [
        "/sign-in", "/alerts", "/alerts/{id}", "/alerts/sources", "/alerts/sources/{id}", "/closes",
        "/deliveries", "/deliveries/{id}", "/settings", "/settings/{page}",
        "/settings/outbound/{id}",
    ]
    /// The path of files, as a pattern.
    static let filePattern = "/assets/{version}/{name}"

    private let version: String
    private let page: PageFile
    private var files: [String: PageFile] = [:]

    init() {
        var all: [UInt8] = []
        for file in [WebFile.page] + WebFile.all {
            all += Array(file.name.utf8) + [0] + file.bytes + [0]
        }
        version = Base64.encodeURL(Array(Digest.sha256(all).prefix(12)))
        let text = String(decoding: WebFile.page.bytes, as: UTF8.self)
            .split(separator: WebFile.pathPlaceholder, omittingEmptySubsequences: false)
            .joined(separator: "/assets/\(version)/")
        page = PageFile(WebFile.page.contentType, Array(text.utf8), tag: version)
        for file in WebFile.all {
            files[file.name] = PageFile(file.contentType, file.bytes, tag: version)
        }
    }

    /// Adds the routes, which need no token: what they serve is the same for everybody.
    func add(to routes: inout HTTPRoutes) {
        routes.addSync(.get, "/") { _, _ in
            HTTPResponse(.found).with("Location", "/alerts").withGuards(SecurityFields.page)
        }
        for pattern in Self.patterns {
            routes.addSync(.get, pattern) { [page] request, _ in
                page.response(to: request.head).withGuards(SecurityFields.page)
                    .with("Cache-Control", "no-cache")
            }
        }
        routes.addSync(.get, Self.filePattern) { [self] request, parameters in
            guard let file = files[parameters["name"] ?? ""] else {
                return .problem(.notFound, code: "not_found").withGuards(SecurityFields.file)
            }
            // A page of another replica may ask for the files of another version: it gets these,
            // which do for the moment, and asks anew the next time.
            let isCurrent = parameters["version"] == version
            return file.response(to: request.head).withGuards(SecurityFields.file)
                .with(
                    "Cache-Control", isCurrent ? "public, max-age=31536000, immutable" : "no-store")
        }
    }
}

/// A file as it is served: as it is, or compressed for those who can read that.
@LoopActor
private final class PageFile {
    private let contentType: String
    private let plain: [UInt8]
    /// Made when it is first asked for: for all files that takes longer than the rest of the start.
    private lazy var compressed = Compressor(.thorough).compress(plain)
    private let tag: String

    init(_ contentType: String, _ bytes: [UInt8], tag: String) {
        self.contentType = contentType
        self.tag = tag
        plain = bytes
    }

    /// Answers with the file, or with 304 to who has it already.
    func response(to head: HTTPRequestHead) -> HTTPResponse {
        let isCompressed = Self.takesZstandard(head) && compressed != nil
        // One tag for each form (RFC 9110, section 8.8.3.3).
        let tag = "\"\(self.tag)\(isCompressed ? "-zstd" : "")\""
        var response = HTTPResponse(.ok, contentType: contentType)
        if Self.has(tag, head) {
            response.status = .notModified
        } else {
            response.body = isCompressed ? compressed ?? plain : plain
            if isCompressed { response = response.with("Content-Encoding", "zstd") }
        }
        return response.with("ETag", tag).with("Vary", "Accept-Encoding")
    }

    private static func has(_ tag: String, _ head: HTTPRequestHead) -> Bool {
        head.values(of: "if-none-match").contains { line in
            line.split(separator: ",").contains { item in
                let item = String(item).trimmingBlanks
                return item == "*" || item == tag || item == "W/\(tag)"
            }
        }
    }

    /// Whether a browser reads Zstandard (RFC 8878); one that gives it a weight of 0 doesn't.
    private static func takesZstandard(_ head: HTTPRequestHead) -> Bool {
        head.values(of: "accept-encoding").contains { line in
            line.split(separator: ",").contains { item in
                let parts = item.split(separator: ";").map { String($0).trimmingBlanks }
                guard parts.first?.lowercased() == "zstd" else { return false }
                let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
                return weight?.contains { ("1"..."9").contains($0) } ?? true
            }
        }
    }
}
