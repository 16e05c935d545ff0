import ArgumentParser
import EventLoop
import StubBigPanda

/// `stub`: a BigPanda to test against.
struct StubCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stub",
        abstract: "Run a stub BigPanda, with faults to order, for tests and trials.",
        discussion: """
            It serves the part of BigPanda's API that the gateway uses, and posts webhooks when \
            its incidents change. The API key is BPU-stub-key; BPU-forbidden-key is answered 403 \
            and any other 401. The control API is under /_stub/; docs/stub.md has it all.
            """)

    @Option(help: "Address to listen on; port 0 takes a free one.")
    var listen = "127.0.0.1:9090"
    @Option(help: "Where its webhooks go.")
    var callbackURL: String?
    @Option(help: "A file with the secret that its webhooks carry.")
    var secretFile: String?

    func run() throws {
        guard let address = ListenAddress(listen) else {
            throw ValidationError("--listen must be HOST:PORT.")
        }
        try LoopProgram.run { [self] in
            do {
                let secret = try secretFile.map { try SecretInput.read("secret", file: $0) }
                let stub = try StubServer(
                    StubServer.Configuration(callbackURL: callbackURL ?? "", secret: secret ?? ""))
                let url = try stub.start(at: address)
                Terminal.say("stub BigPanda listening on \(url)")
                try await Signals.waitForEnd()
                await stub.stop()
                return 0
            } catch let error as ClientError {
                Terminal.complain(error.message)
            } catch StubServer.StartError.listen(let error) {
                Terminal.complain("The stub can't listen on \(address): \(error.message)")
            } catch {
                Terminal.complain("The stub failed: \(error)")
            }
            return 1
        }
    }
}
