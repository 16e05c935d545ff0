import ArgumentParser
import GatewayApp

/// `backup`: a copy of the whole store, made while the gateway runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store to a new file while the gateway runs.",
        discussion: """
            The copy is the store as it is at one moment: what was acknowledged before the command \
            began is in it. It works on the file itself, so run it where the gateway runs, as its \
            user. API keys in it stay sealed: keep master.key with it, but not in the same place.
            """)

    @OptionGroup var options: StoreOptions

    @Argument(help: "The file to make; it must not exist.")
    var file: String

    func run() throws {
        try StoreOptions.run {
            let configuration = try options.configuration()
            let copy = try StoreCopies.backUp(configuration, to: file)
            Terminal.say("\(copy.path): \(copy.alerts) alerts, \(copy.bytes) bytes")
        }
    }
}

/// `restore`: a backup in the place of the store.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of the store; the gateway must be stopped.",
        discussion: """
            The backup is checked first, and that the master key is its own. A store that is there \
            is kept under another name. After the start the gateway reads every firing alert back \
            from BigPanda, so that what changed since the backup is put right.
            """)

    @OptionGroup var options: StoreOptions

    @Argument(help: "A file made by backup.")
    var file: String

    func run() throws {
        try StoreOptions.run {
            let configuration = try options.configuration()
            let copy = try StoreCopies.restore(configuration, from: file)
            Terminal.say("\(copy.path): \(copy.alerts) alerts restored")
            if let replaced = copy.replaced {
                Terminal.say("The store that was there is kept as \(replaced)")
            }
        }
    }
}
