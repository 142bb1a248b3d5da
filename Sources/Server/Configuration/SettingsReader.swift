import FoundationEssentials

/// Makes the settings of flags, environment and file; flags win over the environment, the environment over the file.
package struct SettingsReader {
    package var flags: [String: String]
    package var environment: [String: String]
    /// Reads a file as text; a parameter so that tests need no disk.
    package var readFile: (String) throws -> String

    package init(
        flags: [String: String], environment: [String: String],
        readFile: @escaping (String) throws -> String = { try String(contentsOfFile: $0, encoding: .utf8) }
    ) {
        self.flags = flags
        self.environment = environment
        self.readFile = readFile
    }

    private static let prefix = "MAILBRIDGE_"
    /// Names the file of settings; only in the environment and on the command line.
    package static let configName = "MAILBRIDGE_CONFIG"

    package func read() throws(SettingsError) -> Settings {
        var settings = Settings(dataDirectory: defaultDataDirectory)
        if let path = flags["config"] ?? environment[Self.configName] {
            try apply(try parseFile(path), source: path, to: &settings)
        }
        let fromEnvironment = environment.filter { $0.key.hasPrefix(Self.prefix) && $0.key != Self.configName }
        try apply(fromEnvironment, source: "environment", to: &settings)
        let byFlag = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.flag, $0.name) })
        var fromFlags: [String: String] = [:]
        for (flag, value) in flags where flag != "config" {
            guard let name = byFlag[flag] else { throw .unknown(name: "--" + flag, source: "the command line") }
            fromFlags[name] = value
        }
        try apply(fromFlags, source: "command line", to: &settings)
        if (settings.tlsCertificate == nil) != (settings.tlsKey == nil) {
            throw .incomplete(
                "MAILBRIDGE_TLS_CERTIFICATE and MAILBRIDGE_TLS_KEY belong together: one of them is missing")
        }
        return settings
    }

    private func apply(
        _ values: [String: String], source: String, to settings: inout Settings
    ) throws(SettingsError) {
        let byName = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.name, $0) })
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            if let setting = byName[name] {
                guard setting.apply(value, &settings) else {
                    throw .invalid(name: name, source: source, wanted: setting.wanted + fault(in: settings))
                }
            } else if name.hasSuffix("_FILE"), let setting = byName[String(name.dropLast(5))], setting.isSecret {
                let content = try contents(of: value)
                let text = setting.isDocument ? content : String(content.prefix { !$0.isNewline })
                guard setting.apply(text, &settings) else {
                    throw .invalid(
                        name: name, source: value, wanted: "a file with " + setting.wanted + fault(in: settings))
                }
            } else {
                throw .unknown(name: name, source: source)
            }
        }
    }

    private func fault(in settings: Settings) -> String { settings.documentFault.map { ": " + $0 } ?? "" }

    private func contents(of path: String) throws(SettingsError) -> String {
        do {
            return try readFile(path)
        } catch {
            throw .unreadableFile(path: path)
        }
    }

    /// `NAME=value` lines, as systemd's EnvironmentFile and Docker's --env-file have them; `#` begins a comment line.
    private func parseFile(_ path: String) throws(SettingsError) -> [String: String] {
        var values: [String: String] = [:]
        let lines = try contents(of: path).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = line.trimmingPrefix(while: \.isWhitespace)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
                throw .malformedLine(path: path, line: index + 1)
            }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }

    private var defaultDataDirectory: String {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/mailbridge" }
        return (environment["HOME"] ?? "/var/lib") + "/.local/share/mailbridge"
    }
}
