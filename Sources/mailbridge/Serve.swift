import ArgumentParser
import Server

/// `mailbridge serve`: runs until SIGTERM or SIGINT, then drains.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the bridge.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.read()
        do {
            try await MailbridgeServer.run(settings)
        } catch let fault as StartFault {
            StandardStream.error.line("mailbridge: \(fault)")
            throw ExitCode.failure
        }
    }
}
