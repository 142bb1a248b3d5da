import ArgumentParser
import Server

/// `mailbridge keys rotate`: seals everything with a new key, while nodes run.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Replaces the secret key.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals all secrets and queued mail with the first secret key of the settings.",
            discussion: """
                Nodes go on meanwhile. Each must have both keys, the new one first: MAILBRIDGE_SECRET_KEY=new,old or lines of its \
                file; of secret.key in the data folder they see it without being started anew. Killed, it is run again.
                """)

        @OptionGroup var options: SettingsOptions
        @Option(help: "Seconds to wait for nodes that do not have the new key yet.") var wait = 60

        func run() async throws {
            if wait < 0 { throw ValidationError("--wait must not be negative") }
            let settings = try options.read()
            try await reportingFaults {
                for line in try await StoreAdministration(settings).rotateKeys(patience: .seconds(wait)) {
                    StandardStream.output.line(line)
                }
            }
        }
    }
}
