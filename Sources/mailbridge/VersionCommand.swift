import ArgumentParser
import Server

/// Prints what this program calls itself.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() { StandardStream.output.line("mailbridge \(Version.current)") }
}
