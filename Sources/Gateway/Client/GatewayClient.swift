import Curl
import EventLoop
import GatewayApp
import JSON

/// Talks to a gateway's HTTP API.
@LoopActor
final class GatewayClient {
    private let driver: CurlDriver
    private let baseURL: String
    private let socketPath: String?
    private let token: String?
    private let checksCertificate: Bool
    /// Longer than any answer of the API: 500 alerts of 100 KB.
    private static let answerBytesMax = 64 << 20

    /// An answer, whatever its status.
    struct Answer {
        let status: Int
        let json: JSONTree?
        let fields: [(name: String, value: String)]
        let text: String
    }

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - url: `http://…`, `https://…`, or `unix:/path` for a Unix socket.
    ///   - token: The admin token; `nil` for what needs none.
    ///   - checksCertificate: Whether the server has to prove who it is.
    /// - Throws: When libcurl can't be started.
    init(
        url: String, token: String?, checksCertificate: Bool = true
    ) throws(ClientError) {
        precondition(checksCertificate || token == nil, "a token for a server nobody knows")
        self.checksCertificate = checksCertificate
        do throws(CurlError) {
            driver = try CurlDriver()
        } catch {
            throw ClientError("libcurl could not be started: \(error.message)")
        }
        if url.hasPrefix("unix:") {
            socketPath = String(url.dropFirst(5))
            baseURL = "http://localhost"
        } else {
            socketPath = nil
            baseURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        }
        self.token = token
    }

    /// Ends all connections.
    func close() {
        driver.close()
    }

    /// Makes a request and returns the answer's JSON.
    ///
    /// - Throws: `ClientError` when nobody answers, or with an error.
    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: JSONTree? = nil
    ) async throws(ClientError) -> JSONTree {
        let answer = try await exchange(method, path, body)
        guard (200..<300).contains(answer.status) else { throw Self.error(of: answer) }
        return answer.json ?? .null
    }

    /// Makes a request and returns whatever is answered.
    func exchange(
        _ method: String, _ path: String, _ body: JSONTree? = nil
    ) async throws(ClientError) -> Answer {
        var request = CurlRequest(method: method, url: baseURL + path)
        request.headers.append(("Accept", "application/json"))
        request.headers.append(("User-Agent", CommandAgent.field))
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = body.compact
        }
        request.allowsPlainHTTP = true
        request.checksCertificate = checksCertificate
        request.unixSocketPath = socketPath
        request.responseBodyBytesMax = Self.answerBytesMax
        do throws(CurlError) {
            let response = try await driver.perform(request)
            let text = String(decoding: response.body, as: UTF8.self)
            return Answer(
                status: response.statusCode, json: Self.tree(of: response.body),
                fields: response.headers, text: text)
        } catch {
            throw ClientError(
                "No answer from \(socketPath ?? baseURL): \(error.message). Is the gateway running "
                    + "there? --url names another address.")
        }
    }

    private static func tree(of body: [UInt8]) -> JSONTree? {
        guard !body.isEmpty else { return nil }
        return try? JSONTree(parsing: body)  // Not every answer is JSON; the text is kept as well.
    }

    private static func error(of answer: Answer) -> ClientError {
        guard let detail = answer.json?["detail"]?.string else {
            return ClientError("The gateway answered \(answer.status).")
        }
        let code = answer.json?["code"]?.string ?? "\(answer.status)"
        return ClientError("\(Terminal.plain(detail, width: 500)) [\(code)]")
    }
}

/// A path with values put in, each percent-encoded (RFC 3986, section 2.1).
enum APIPath {
    /// `/v1/KIND/ID`, with more behind it if need be.
    static func one(_ kind: String, _ id: String, _ more: String = "") -> String {
        "/v1/\(kind)/\(encode(id))\(more)"
    }

    /// `/v1/KIND?…` with those values that are there.
    static func list(_ kind: String, _ query: [(String, String?)]) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(encode($0))" } }
        return pairs.isEmpty ? "/v1/\(kind)" : "/v1/\(kind)?\(pairs.joined(separator: "&"))"
    }

    /// Spells a text as one segment of a path, or one value of a query.
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case _:
                let hex = String(byte, radix: 16, uppercase: true)
                encoded += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return encoded
    }
}
