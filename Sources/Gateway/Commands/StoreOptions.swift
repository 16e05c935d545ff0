import Alerts
import ArgumentParser
import EventLoop
import GatewayApp

/// Where the store is; what isn't given is read from the environment as `serve` does.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store: sqlite:PATH. (GATEWAY_STORE; default: sqlite:./data/gateway.db)")
    var store: String?

    @Option(
        help: "A file with the master key. (GATEWAY_MASTER_KEY_FILE; default: beside the store)")
    var masterKeyFile: String?

    /// What is given, and the environment.
    func configuration() throws(ConfigurationError) -> Configuration {
        var values: [Setting: String] = [:]
        values[.store] = store
        var files: [String: String] = [:]
        files[Setting.masterKey.fileVariable] = masterKeyFile
        return try ServeOptions.read(ServeOptions.Settings(values: values, files: files))
    }
}

extension StoreOptions {
    /// Runs `body`; what it throws is printed on standard error and becomes the exit status.
    static func run(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw ExitCode(try status(of: error))
        }
    }

    /// As `run`, on the loop.
    static func runOnLoop(_ body: @escaping @LoopActor () async throws -> Void) throws {
        try LoopProgram.run {
            do {
                try await body()
                return 0
            } catch {
                do {
                    return try status(of: error)
                } catch {
                    Terminal.complain("bigpanda-gateway: \(error)")
                    return 1
                }
            }
        }
    }

    /// Says what is wrong.
    ///
    /// - Throws: The error itself when it is none of ours.
    private static func status(of error: any Error) throws -> Int32 {
        switch error {
        case let error as ConfigurationError:
            Terminal.complain("bigpanda-gateway: \(error)")
            return ConfigurationError.exitStatus
        case let error as StoreError:
            Terminal.complain("bigpanda-gateway: \(error.message)")
            return 1
        case let error as ClientError:
            Terminal.complain("bigpanda-gateway: \(error.message)")
            return 1
        default: throw error
        }
    }
}
