import ArgumentParser
import Model
import Server
import Wire

/// `mailbridge token create|list|revoke`: works on the store itself, whether or not the server runs.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes API tokens.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token and prints it, once.")

        @OptionGroup var options: SettingsOptions
        @Option(help: "What the token is for.") var name = "command line"
        @Option(help: "admin, read, write, send or events; may be repeated.") var scope: [String] = ["admin"]
        @Option(help: "Bind the token to an account; may be repeated.") var account: [String] = []
        @Option(help: "Seconds until it expires; never where left out.") var expiresIn: Int?

        func run() async throws {
            let scopes = try scope.map { text in
                guard let scope = Scope(rawValue: text) else {
                    throw ValidationError("--scope must be admin, read, write, send or events")
                }
                return scope
            }
            let accounts = try account.map { text in
                guard let id = AccountID(validating: text) else { throw ValidationError("--account is no account id") }
                return id
            }
            if let expiresIn, expiresIn < 1 { throw ValidationError("--expires-in must be at least 1") }
            let settings = try options.read()
            try await reportingFaults {
                let secret = try await TokenAdministration(settings).create(
                    name: name, scopes: Set(scopes), accounts: accounts.isEmpty ? nil : Set(accounts),
                    expiresIn: expiresIn.map { .seconds($0) })
                StandardStream.output.line(secret.revealed)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists tokens: id, scopes, accounts, expiry, name.")

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let settings = try options.read()
            try await reportingFaults {
                for token in try await TokenAdministration(settings).list() {
                    let scopes = token.scopes.sorted().map(\.rawValue).joined(separator: ",")
                    let accounts = token.accounts.map { $0.sorted().map(\.rawValue).joined(separator: ",") } ?? "all"
                    let expiry = token.expiresAt?.description ?? "never"
                    StandardStream.output.line(
                        [token.id.rawValue, scopes, accounts, expiry, token.name].joined(separator: "\t"))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revokes a token by its id.")

        @OptionGroup var options: SettingsOptions
        @Argument(help: "The token's id, as `token list` shows it.") var id: String

        func run() async throws {
            let settings = try options.read()
            try await reportingFaults { try await TokenAdministration(settings).revoke(TokenID(rawValue: id)) }
        }
    }
}
