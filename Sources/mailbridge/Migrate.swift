import ArgumentParser
import Server

/// `mailbridge migrate`: brings the database up to date, while nodes of the version before go on.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the database up to date.",
        discussion:
            "With PostgreSQL before nodes of a new version are started; those of the version before may go on meanwhile."
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.read()
        try await reportingFaults {
            try await StoreAdministration(settings).migrate()
            StandardStream.output.line("The database is up to date.")
        }
    }
}
