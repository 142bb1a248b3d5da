import ArgumentParser
import Server

/// `mailbridge serve`: runs until SIGTERM or SIGINT, then drains.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the bridge.")

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Bring the database up to date before anything else (MAILBRIDGE_MIGRATE=true).") var migrate = false

    func run() async throws {
        var settings = try options.read()
        if migrate { settings.migrates = true }
        do {
            try await MailbridgeServer.run(settings)
        } catch let fault as StartFault {
            StandardStream.error.line("mailbridge: \(fault)")
            throw ExitCode.failure
        }
    }
}
