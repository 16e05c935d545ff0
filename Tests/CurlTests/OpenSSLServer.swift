import Glibc

/// An HTTPS server that is not ours: `openssl s_server -www`, with a certificate made for it.
final class OpenSSLServer: Sendable {
    /// Where it answers.
    let url: String
    /// A PEM file with its certificate, which nobody else signed.
    let certificatePath: String
    private let directory: String
    private let processID: pid_t

    struct Failure: Error {
        let step: String
    }

    init() throws {
        directory = "/tmp/gateway-tls-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        certificatePath = directory + "/cert.pem"
        let keyPath = directory + "/key.pem"
        guard unsafe mkdir(directory, 0o700) == 0 else { throw Failure(step: "mkdir") }
        let (made, _) = try Self.start([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyPath, "-out",
            certificatePath, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        var status: Int32 = 0
        guard unsafe waitpid(made, &status, 0) == made, status == 0 else {
            throw Failure(step: "openssl req")
        }
        let (server, output) = try Self.start([
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificatePath, "-key",
            keyPath, "-www",
        ])
        processID = server
        // It says which port the system gave it, and only then serves.
        guard let port = Self.readPort(output) else { throw Failure(step: "openssl s_server") }
        url = "https://127.0.0.1:\(port)/"
    }

    deinit {
        kill(processID, SIGKILL)
        _ = waitpid(processID, nil, 0)
        for name in ["cert.pem", "key.pem"] { _ = unsafe unlink("\(directory)/\(name)") }
        _ = unsafe rmdir(directory)
    }

    /// Starts a program with its output in a pipe.
    private static func start(_ words: [String]) throws -> (pid_t, output: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw Failure(step: "pipe") }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        for end in ends { unsafe posix_spawn_file_actions_addclose(&actions, end) }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { for index in words.indices { unsafe free(arguments[index]) } }
        var process: pid_t = 0
        let status = unsafe posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
        close(ends[1])
        guard status == 0 else { throw Failure(step: words[0]) }
        return (process, ends[0])
    }

    /// The number behind `ACCEPT 127.0.0.1:`; `nil` when the program ended without it.
    private static func readPort(_ output: Int32) -> Int? {
        var text = ""
        var byte: UInt8 = 0
        while unsafe read(output, &byte, 1) == 1 {
            guard byte == UInt8(ascii: "\n") else {
                text.unicodeScalars.append(Unicode.Scalar(byte))
                continue
            }
            if text.hasPrefix("ACCEPT ") {
                return text.split(separator: ":").last.flatMap { Int($0) }
            }
            text = ""
        }
        return nil
    }
}
