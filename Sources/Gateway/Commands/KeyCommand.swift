import ArgumentParser
import EventLoop
import GatewayApp

/// `key`: the master key.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Change the master key that API keys are sealed with.",
        subcommands: [Rotate.self, Reseal.self])

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Give an SQLite store a new master key; the gateway must be stopped.",
            discussion: """
                The key's file gets the new key, the old one is kept beside it as FILE.previous, \
                and every API key in the store is sealed anew. Broken off at any moment, it is \
                done again: both files together open the store. Backups made before want the old \
                key, so keep it where they are.

                Gateways on PostgreSQL are given both keys and go on: see key reseal.
                """)

        @OptionGroup var options: StoreOptions

        @Option(
            help: "A file with the new key, 32 bytes in base64; a new key is made without it.")
        var newKeyFile: String?

        func run() throws {
            try StoreOptions.run {
                let configuration = try options.configuration()
                let newKey = try newKeyFile.map { try SecretInput.read("new key", file: $0) }
                let changed = try SecretRotation.changeKey(configuration, to: newKey)
                if changed.isResumed {
                    Terminal.say("A change that was broken off was brought to its end.")
                }
                Terminal.say(
                    """
                    \(changed.path): the master key is \(changed.fingerprint) now; \
                    \(changed.resealedCount) API keys were sealed anew
                    The old key is kept as \(changed.previousPath). Nothing in the store needs it \
                    any more, backups made before do: move it to where they are.
                    """)
            }
        }
    }

    struct Reseal: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reseal",
            abstract: "Seal every API key in the store anew with the master key.",
            discussion: """
                For a master key that is not this program's to change. On PostgreSQL the gateways \
                go on meanwhile, in four steps, and each gateway is restarted in the first, the \
                second and the last:
                  1. GATEWAY_MASTER_KEY the old key, GATEWAY_MASTER_KEY_PREVIOUS the new one
                  2. GATEWAY_MASTER_KEY the new key, GATEWAY_MASTER_KEY_PREVIOUS the old one
                  3. key reseal, with the same two
                  4. GATEWAY_MASTER_KEY the new key alone
                A key in GATEWAY_MASTER_KEY_PREVIOUS opens what it sealed, and seals nothing.
                """)

        @OptionGroup var options: StoreOptions

        func run() throws {
            let options = options
            try StoreOptions.runOnLoop {
                let done = try await SecretRotation.reseal(try options.configuration())
                Terminal.say(
                    """
                    \(done.resealedCount) API keys were sealed anew with the master key \
                    \(done.fingerprint); \(done.currentCount) had been already
                    Nothing in the store needs the previous key any more.
                    """)
            }
        }
    }
}
