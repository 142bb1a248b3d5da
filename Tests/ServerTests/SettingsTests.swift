import Foundation
import Server
import Testing
import Wire

@Suite struct SettingsTests {
    private func read(
        flags: [String: String] = [:], environment: [String: String] = [:], files: [String: String] = [:]
    ) throws(SettingsError) -> Settings {
        try SettingsReader(flags: flags, environment: environment) { path in
            guard let content = files[path] else { throw CocoaError(.fileReadNoSuchFile) }
            return content
        }.read()
    }

    @Test func `nothing said gives the documented defaults`() throws {
        let settings = try read(environment: ["HOME": "/home/ada"])
        #expect(settings.listen == ListenAddress(host: "127.0.0.1", port: 8825))
        #expect(settings.dataDirectory == "/home/ada/.local/share/mailbridge")
        #expect(settings.database == nil)
        #expect(settings.adminToken == nil)
    }

    @Test func `flags win over the environment, the environment over the file`() throws {
        let files = ["/etc/mb": "# comment\nMAILBRIDGE_LISTEN=:1\nMAILBRIDGE_LOOPS=1\nMAILBRIDGE_LOG_FORMAT=json\n"]
        let settings = try read(
            flags: ["listen": "[::1]:3"],
            environment: ["MAILBRIDGE_CONFIG": "/etc/mb", "MAILBRIDGE_LISTEN": ":2", "MAILBRIDGE_LOOPS": "2"],
            files: files)
        #expect(settings.listen == ListenAddress(host: "::1", port: 3))
        #expect(settings.loops == 2)
        #expect(settings.logFormat == .json)
    }

    @Test(arguments: [
        ("MAILBRIDGE_LISTEN", "nowhere"), ("MAILBRIDGE_LISTEN", "host:99999"), ("MAILBRIDGE_LOG_LEVEL", "loud"),
        ("MAILBRIDGE_SECRET_KEY", "short"), ("MAILBRIDGE_ADMIN_TOKEN", "short"), ("MAILBRIDGE_DATABASE", "mysql://x"),
        ("MAILBRIDGE_CORS_ORIGINS", "*"), ("MAILBRIDGE_LOOPS", "0"), ("MAILBRIDGE_MAX_BODY_BYTES", "-1"),
        ("MAILBRIDGE_DRAIN_TIMEOUT", "soon"),
    ])
    func `a wrong value is refused by name`(name: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try read(environment: [name: value]) }
        #expect(error?.description.contains(name) == true)
        #expect(
            error?.description.contains(value) != true || value.isEmpty || value == "*", "the value may be a secret")
    }

    @Test func `an unknown name is refused, wherever it stands`() {
        #expect(throws: SettingsError.unknown(name: "MAILBRIDGE_TYPO", source: "environment")) {
            try read(environment: ["MAILBRIDGE_TYPO": "1"])
        }
        #expect(throws: SettingsError.unknown(name: "PATH", source: "/etc/mb")) {
            try read(flags: ["config": "/etc/mb"], files: ["/etc/mb": "PATH=/bin"])
        }
        #expect(throws: SettingsError.malformedLine(path: "/etc/mb", line: 2)) {
            try read(flags: ["config": "/etc/mb"], files: ["/etc/mb": "\nlisten"])
        }
        #expect(throws: SettingsError.unreadableFile(path: "/missing")) { try read(flags: ["config": "/missing"]) }
    }

    @Test func `a secret can come from a file, another setting cannot`() throws {
        let settings = try read(
            environment: ["MAILBRIDGE_ADMIN_TOKEN_FILE": "/run/token"], files: ["/run/token": "0123456789abcdef\n"])
        #expect(settings.adminToken?.revealed == "0123456789abcdef")
        #expect(throws: SettingsError.unknown(name: "MAILBRIDGE_LISTEN_FILE", source: "environment")) {
            try read(environment: ["MAILBRIDGE_LISTEN_FILE": "/run/token"])
        }
    }

    @Test func `certificate and key belong together`() {
        #expect(throws: SettingsError.self) { try read(environment: ["MAILBRIDGE_TLS_KEY": "/key.pem"]) }
    }

    @Test func `the table in README is the table of the program`() throws {
        let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        for setting in Setting.all {
            let row = "| `\(setting.name)` | \(setting.defaultText) | \(setting.explanation) |"
            #expect(text.contains(row), "README lacks: \(row)")
        }
    }
}
