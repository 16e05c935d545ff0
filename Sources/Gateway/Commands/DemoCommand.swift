import ArgumentParser
import EventLoop
import GatewayApp

/// `demo`: an incident's life, played through.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Start a gateway and a stub BigPanda, and play an incident's life through.",
        discussion: """
            Everything is kept in a directory of its own, which is removed at the end. On a \
            terminal both stay up until Ctrl-C, for you to try; elsewhere the demo ends by itself, \
            with status 0 if every step did what it should, else 1.
            """)

    @Option(help: "Where the gateway listens; another free port is taken if this one is in use.")
    var listen = "127.0.0.1:8080"
    @Flag(help: "Stay up even without a terminal.")
    var stay = false

    func run() throws {
        guard let address = ListenAddress(listen), case .tcp = address else {
            throw ValidationError("--listen must be HOST:PORT.")
        }
        let staysUp = stay || StandardStream.output.isTerminal
        try LoopProgram.run {
            await Demo.run(at: address, staysUp: staysUp)
        }
    }
}
