import ArgumentParser
import Server

/// The settings as flags: each has the name of its environment variable without the prefix, in kebab case.
struct SettingsOptions: ParsableArguments {
    @Option(help: "File of MAILBRIDGE_NAME=value lines.") var config: String?
    @Option(help: Self.help("listen")) var listen: String?
    @Option(help: Self.help("data-dir")) var dataDir: String?
    @Option(help: Self.help("database")) var database: String?
    @Option(help: Self.help("database-connections")) var databaseConnections: String?
    @Option(help: Self.help("secret-key")) var secretKey: String?
    @Option(help: Self.help("admin-token")) var adminToken: String?
    @Option(help: Self.help("cors-origins")) var corsOrigins: String?
    @Option(help: Self.help("tls-certificate")) var tlsCertificate: String?
    @Option(help: Self.help("tls-key")) var tlsKey: String?
    @Option(help: Self.help("log-level")) var logLevel: String?
    @Option(help: Self.help("log-format")) var logFormat: String?
    @Option(help: Self.help("max-body-bytes")) var maxBodyBytes: String?
    @Option(help: Self.help("max-connections")) var maxConnections: String?
    @Option(help: Self.help("loops")) var loops: String?
    @Option(help: Self.help("sessions-per-account")) var sessionsPerAccount: String?
    @Option(help: Self.help("drain-timeout")) var drainTimeout: String?

    private static func help(_ flag: String) -> ArgumentHelp {
        guard let setting = Setting.all.first(where: { $0.flag == flag }) else { return ArgumentHelp("") }
        return ArgumentHelp(
            "\(setting.explanation) (\(setting.name); default: \(setting.defaultText))",
            valueName: setting.placeholder)
    }

    private var flags: [String: String] {
        let given: [(String, String?)] = [
            ("config", config), ("listen", listen), ("data-dir", dataDir), ("database", database),
            ("database-connections", databaseConnections),
            ("secret-key", secretKey), ("admin-token", adminToken), ("cors-origins", corsOrigins),
            ("tls-certificate", tlsCertificate), ("tls-key", tlsKey), ("log-level", logLevel),
            ("log-format", logFormat), ("max-body-bytes", maxBodyBytes), ("max-connections", maxConnections),
            ("loops", loops), ("sessions-per-account", sessionsPerAccount), ("drain-timeout", drainTimeout),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { name, value in value.map { (name, $0) } })
    }

    /// The settings of flags, environment and file, or a message that names the wrong one.
    func read() throws -> Settings {
        do {
            return try SettingsReader(flags: flags, environment: ProcessEnvironment.all).read()
        } catch {
            throw ValidationError(error.description)
        }
    }
}
