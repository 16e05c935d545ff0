import ArgumentParser
import EventLoop
import GatewayApp

/// `migrate`: a whole store from SQLite to PostgreSQL.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move the SQLite store to PostgreSQL; the gateway must be stopped.",
        discussion: """
            Everything goes along: integrations and sources with their keys and secrets, alerts \
            with their timelines, closes with what is owed, and the journal with its bodies. The \
            database must be empty. All of it is there afterwards or nothing is, so that a move \
            that was broken off is simply begun again; the SQLite file is left as it is.

            The address may hold a password: give it by --to-file, GATEWAY_MIGRATE_TO or \
            GATEWAY_MIGRATE_TO_FILE rather than as an argument, which others on this machine can \
            see.
            """)

    @OptionGroup var options: StoreOptions

    @Option(help: "The database: postgres://USER@HOST/DATABASE. (GATEWAY_MIGRATE_TO)")
    var to: String?

    @Option(help: "A file with that. (GATEWAY_MIGRATE_TO_FILE)")
    var toFile: String?

    private static let variable = "GATEWAY_MIGRATE_TO"

    func run() throws {
        let (options, to, toFile) = (options, to, toFile)
        try StoreOptions.runOnLoop {
            let address = try Self.address(to, toFile)
            let progress = TransferLine()
            let started = ContinuousClock.now
            let (moved, path) = try await StoreMove.run(
                try options.configuration(), to: address
            ) { progress.show($0) }
            progress.clear()
            Self.report(moved, path, .now - started)
        }
    }

    private static func address(_ to: String?, _ toFile: String?) throws -> String {
        guard to == nil || toFile == nil else {
            throw ConfigurationError("--to", "can't be given beside --to-file")
        }
        if let to { return to }
        if let file = toFile ?? ProcessEnvironment.value(variable + "_FILE") {
            return try SecretInput.read("address of the database", file: file)
        }
        guard let address = ProcessEnvironment.value(variable), !address.isEmpty else {
            throw ConfigurationError("--to", "is needed: postgres://USER@HOST/DATABASE")
        }
        return address
    }

    private static func report(
        _ moved: [StoreMove.Table], _ path: String, _ duration: Duration
    ) {
        Terminal.table(
            ["MOVED", "ROWS"], moved.map { [$0.name, String($0.rowsCount)] })
        Terminal.say(
            """
            All of it was counted in both stores and is there, after \
            \(duration.components.seconds) s.
            Start the gateways with GATEWAY_STORE set to the new address, and with the same \
            GATEWAY_MASTER_KEY and GATEWAY_ADMIN_TOKEN. \(path) was left as it is: keep it until \
            all is well, then remove it. Start no gateway on it any more: it would make the closes \
            that are owed a second time.
            """)
    }
}

/// How far a move is, on one line of a terminal.
@LoopActor
private final class TransferLine {
    private let isShown = StandardStream.error.isTerminal
    private var shownAt: ContinuousClock.Instant?

    /// Ten times a second is often enough.
    private static let interval = Duration.milliseconds(100)

    func show(_ table: StoreMove.Table) {
        let now = ContinuousClock.now
        let isLast = table.rowsDone == table.rowsCount
        guard isShown, isLast || shownAt.map({ now - $0 >= Self.interval }) ?? true else { return }
        shownAt = now
        write("\r\u{1b}[K\(table.name): \(table.rowsDone) of \(table.rowsCount)")
    }

    func clear() {
        if isShown { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) {
        try? StandardStream.error.write(text)  // It is a comfort only.
    }
}
