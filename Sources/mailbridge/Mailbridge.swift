import ArgumentParser

/// The program: `mailbridge serve` and what an operator needs beside it.
@main
struct Mailbridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailbridge",
        abstract: "An HTTP JSON API in front of IMAP, POP3 and SMTP servers.",
        subcommands: [
            Serve.self, Migrate.self, KeysCommand.self, CopyStore.self, TokenCommand.self, VersionCommand.self,
        ])
}
