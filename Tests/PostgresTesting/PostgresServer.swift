import Glibc
import Synchronization

/// The PostgreSQL server of the test process: a real one, started with the first test that asks.
///
/// Each test gets a schema of its own on it, so that tests run side by side.
package final class PostgresServer: Sendable {
    private let directory: String
    // Stays open for as long as the process lives: its end is what ends the server.
    private let input: Int32
    private let schemasCount = Atomic(0)

    package struct Failure: Error {
        package let step: String
    }

    private static let started = Result<PostgresServer, Failure> { () throws(Failure) in
        try PostgresServer()
    }

    /// The server, running.
    ///
    /// Blocks for some seconds the first time, so not for the loop.
    package static func shared() throws(Failure) -> PostgresServer {
        try started.get()
    }

    private init() throws(Failure) {
        let script =
            #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast().joined(separator: "/") + "/serve.sh"
        let (input, output) = try Self.start(script)
        self.input = input
        guard let line = Self.readLine(output), line.hasPrefix("ready ") else {
            throw Failure(step: "\(script), which says more on standard error")
        }
        directory = String(line.dropFirst("ready ".count))
    }

    /// The server's address, with a schema of that name as the place where tables are looked for;
    /// sessions are called after it too.
    package func address(schema: String = "public") -> String {
        "postgres:///postgres?host=\(directory)&user=postgres&application_name=\(schema)"
            + "&options=-csearch_path%3D\(schema)"
    }

    /// A name that no other test uses.
    package func newSchemaName() -> String {
        "test_\(schemasCount.add(1, ordering: .relaxed).newValue)"
    }

    /// Starts the script with pipes for its input and output.
    private static func start(_ script: String) throws(Failure) -> (input: Int32, output: Int32) {
        var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard unsafe pipe(&input) == 0, unsafe pipe(&output) == 0 else {
            throw Failure(step: "pipe")
        }
        // No other child of this process may hold the server's input open.
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        var arguments = unsafe [strdup(script), nil]
        defer { unsafe free(arguments[0]) }
        var process: pid_t = 0
        let status = unsafe posix_spawn(&process, script, &actions, nil, &arguments, environ)
        close(input[0])
        close(output[1])
        guard status == 0 else { throw Failure(step: script) }
        return (input[1], output[0])
    }

    /// The first line of a pipe; `nil` when it ends before.
    private static func readLine(_ pipe: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(pipe, &byte, 1) == 1 {
            guard byte != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }
}
