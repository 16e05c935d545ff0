import ArgumentParser
import EventLoop
import JSON

/// Where the gateway is and how to get in; the same for all commands that talk to one.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway's address, or unix:/path. (GATEWAY_URL; default: http://127.0.0.1:8080)",
            valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The admin token; other users of this machine can see it, so prefer --token-file.",
            valueName: "token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            """
            A file with the admin token. (GATEWAY_ADMIN_TOKEN or GATEWAY_ADMIN_TOKEN_FILE; \
            default: ./data/admin-token)
            """, valueName: "file"))
    var tokenFile: String?

    @Flag(help: "Print the API's JSON instead of a table.")
    var json = false

    /// Longer than any token.
    private static let tokenFileBytesMax = 4096

    /// The address to talk to.
    var address: String {
        url ?? ProcessEnvironment.value("GATEWAY_URL") ?? "http://127.0.0.1:8080"
    }

    /// A client that has found the token.
    @LoopActor
    func client() throws(ClientError) -> GatewayClient {
        try GatewayClient(url: address, token: try adminToken())
    }

    /// The admin token, from the first place that has one.
    func adminToken() throws(ClientError) -> String {
        if let token { return token }
        if tokenFile == nil, let token = ProcessEnvironment.value("GATEWAY_ADMIN_TOKEN") {
            return token
        }
        let path =
            tokenFile ?? ProcessEnvironment.value("GATEWAY_ADMIN_TOKEN_FILE")
            ?? "./data/admin-token"
        do throws(FileError) {
            let bytes = try FileIO.read(path, bytesMax: Self.tokenFileBytesMax)
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return String(decoding: line, as: UTF8.self)
        } catch {
            throw ClientError(
                "The admin token could not be read: \(error). Name its file with --token-file.")
        }
    }

    /// Prints an answer as JSON, or as `table` does.
    func show(_ answer: JSONTree, _ table: (JSONTree) -> Void) {
        guard !json else { return Terminal.say(answer.pretty) }
        table(answer)
    }
}

/// Reads a secret without it standing on the command line.
enum SecretInput {
    /// Longer than any key.
    private static let bytesMax = 4096

    /// The first line of a file, or of standard input, at which a person is asked for it.
    static func read(_ what: String, file: String?) throws(ClientError) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            if let file {
                bytes = try FileIO.read(file, bytesMax: bytesMax)
            } else {
                bytes = try StandardStream.input.readSecretLine(
                    prompt: "\(what): ", bytesMax: bytesMax)
            }
        } catch {
            throw ClientError("The \(what) could not be read: \(error).")
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else {
            throw ClientError("\(file ?? "Standard input") is empty; it should hold the \(what).")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
