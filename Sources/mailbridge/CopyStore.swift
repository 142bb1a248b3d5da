import ArgumentParser
import Server

/// `mailbridge copy-store`: copies all that a SQLite file holds to PostgreSQL, for several nodes.
struct CopyStore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy-store", abstract: "Copies a store from SQLite to PostgreSQL.",
        discussion: """
            The server must not run on the file, and the target must be empty. What is sealed is copied as it is: nodes on the target need \
            the same secret key (MAILBRIDGE_SECRET_KEY, or secret.key of the old data folder). The file is left as it was; \
            once nodes run on the copy, no server may run on it again. The password of the target may be in PGPASSWORD or ~/.pgpass.
            """)

    @Option(help: "What to copy: sqlite:<path>.") var from: String
    @Option(help: "Where to: postgres://user@host/name.") var to: String

    func run() async throws {
        try await reportingFaults {
            let count = try await StoreMove(from: from, to: to).run { table, rows in
                StandardStream.output.line("\(table)\t\(rows)")
            }
            StandardStream.output.line("Copied \(count) rows, and compared the counts of all tables.")
        }
    }
}
