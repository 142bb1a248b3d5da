import Foundation
import MailServers
import Testing

/// The program as an operator meets it.
@Suite(.timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test func `help and version are printed`() async throws {
        let help = try await MailbridgeProcess.run(["--help"])
        #expect(help.status == 0)
        for word in ["serve", "token", "version"] { #expect(help.output.contains(word)) }
        let serve = try await MailbridgeProcess.run(["serve", "--help"])
        #expect(serve.status == 0)
        for name in ["MAILBRIDGE_LISTEN", "MAILBRIDGE_DATA_DIR", "MAILBRIDGE_SECRET_KEY", "MAILBRIDGE_LOG_FORMAT"] {
            #expect(serve.output.contains(name), "\(name)")
        }
        let version = try await MailbridgeProcess.run(["version"])
        #expect(version.status == 0)
        #expect(version.output.firstMatch(of: /\d+\.\d+\.\d+/) != nil)
        let unknown = try await MailbridgeProcess.run(["sevre"])
        #expect(unknown.status != 0)
        #expect(unknown.output.contains("sevre"))
    }

    @Test(arguments: [
        ("MAILBRIDGE_TYPO", "1"), ("MAILBRIDGE_LISTEN", "nonsense"), ("MAILBRIDGE_LISTEN", "127.0.0.1:99999"),
        ("MAILBRIDGE_LISTEN", "127.0.0.1"), ("MAILBRIDGE_DATABASE", "mysql://x"), ("MAILBRIDGE_SECRET_KEY", "short"),
        ("MAILBRIDGE_SECRET_KEY_FILE", "/nowhere/key"), ("MAILBRIDGE_ADMIN_TOKEN", "short"),
        ("MAILBRIDGE_CORS_ORIGINS", "*.example.test"), ("MAILBRIDGE_LOG_LEVEL", "loud"),
        ("MAILBRIDGE_LOG_FORMAT", "xml"), ("MAILBRIDGE_TLS_CERTIFICATE", "/nowhere/cert.pem"),
        ("MAILBRIDGE_MAX_BODY_BYTES", "-1"), ("MAILBRIDGE_LOOPS", "many"), ("MAILBRIDGE_CONFIG", "/nowhere/file"),
        ("MAILBRIDGE_DATA_DIR", "/proc/nowhere"),
    ])
    func `a wrong setting stops the start with a message that names it`(name: String, value: String) async throws {
        let folder = try TemporaryFolder("settings")
        let settings = ["MAILBRIDGE_LISTEN": "127.0.0.1:0", "MAILBRIDGE_DATA_DIR": folder("data")]
        let result = try await MailbridgeProcess.run(["serve"], settings: settings.merging([name: value]) { $1 })
        #expect(result.status != 0)
        // What is wrong is the setting, or the file that it names.
        #expect(result.output.contains(name) || result.output.contains(value), "\(result.output)")
        #expect(!result.output.contains("listens on"))
    }

    @Test func `certificate and key belong together, and both must be what they say`() async throws {
        let folder = try TemporaryFolder("settings")
        try folder.write("no certificate", to: "cert.pem")
        try folder.write("no key", to: "key.pem")
        let settings = [
            "MAILBRIDGE_LISTEN": "127.0.0.1:0", "MAILBRIDGE_TLS_CERTIFICATE": folder("cert.pem"),
            "MAILBRIDGE_TLS_KEY": folder("key.pem"),
        ]
        let result = try await MailbridgeProcess.run(["serve"], data: folder, settings: settings)
        #expect(result.status != 0)
        #expect(result.output.contains("cert") || result.output.contains("TLS"), "\(result.output)")
    }

    @Test func `with a certificate the API speaks https`() async throws {
        let folder = try TemporaryFolder("settings")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        let identity = authority.identity()
        let settings = ["MAILBRIDGE_TLS_CERTIFICATE": identity.certificate, "MAILBRIDGE_TLS_KEY": identity.key]
        let process = try await MailbridgeProcess.start(data: folder, settings: settings)
        #expect(process.output.contains("https://127.0.0.1:\(process.port)"))
        let url = "https://127.0.0.1:\(process.port)/readyz"
        let answer = try await onThread {
            try Command.run([Command.locate("curl"), "-sS", "--cacert", authority.certificate, url])
        }
        #expect(answer.status == 0 && answer.output.contains("\"ok\""), "\(answer.output)")
        let stranger = try await onThread { try Command.run([Command.locate("curl"), "-sS", url]) }
        #expect(stranger.status == 60)
        #expect(try await process.stop() == 0)
    }

    @Test func `flags win over the environment, and the environment over the file`() async throws {
        let folder = try TemporaryFolder("settings")
        try folder.write(
            "# comment\nMAILBRIDGE_ADMIN_TOKEN=from-the-file-0123456789\nMAILBRIDGE_LOG_FORMAT=json\n", to: "conf")
        func admits(_ process: MailbridgeProcess, _ token: String) async throws -> Bool {
            try await TestHTTPClient(port: process.port, token: token).get("/v1/accounts").status == 200
        }
        let arguments = ["serve", "--config", folder("conf"), "--admin-token", "from-the-flag-0123456789"]
        let process = try await MailbridgeProcess.start(
            data: folder, settings: ["MAILBRIDGE_ADMIN_TOKEN": "from-environment-0123456789"], arguments: arguments)
        #expect(try await admits(process, "from-the-flag-0123456789"))
        #expect(try await !admits(process, "from-environment-0123456789"))
        try await process.stop()
        let second = try await MailbridgeProcess.start(
            data: folder, settings: ["MAILBRIDGE_ADMIN_TOKEN": "from-environment-0123456789"],
            arguments: ["serve", "--config", folder("conf")])
        #expect(try await admits(second, "from-environment-0123456789"))
        #expect(try await !admits(second, "from-the-file-0123456789"))
        try await second.stop()
        let json = second.output.split(separator: "\n").filter { $0.hasPrefix("{") }
        #expect(try json.allSatisfy { try JSONValue(parsing: Array($0.utf8))["level"].string != nil })
    }

    @Test func `a taken port and a taken data folder stop the start`() async throws {
        let bridge = try await Bridge.start()
        let other = try TemporaryFolder("settings")
        let port = try await MailbridgeProcess.run(
            ["serve"], data: other, settings: ["MAILBRIDGE_LISTEN": "127.0.0.1:\(bridge.process.port)"])
        #expect(port.status != 0)
        #expect(port.output.contains("\(bridge.process.port)"), "\(port.output)")
        let data = try await MailbridgeProcess.run(
            ["serve"], data: bridge.folder, settings: ["MAILBRIDGE_LISTEN": "127.0.0.1:0"])
        #expect(data.status != 0)
        #expect(data.output.contains("mailbridge.db"), "\(data.output)")
        // The first one is none the worse for it.
        try await bridge.api.get("/readyz").expecting(200)
        try await bridge.process.stop()
    }

    @Test func `another key is refused rather than secrets lost`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        try await bridge.process.stop()
        let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let result = try await MailbridgeProcess.run(
            ["serve"], data: bridge.folder,
            settings: ["MAILBRIDGE_SECRET_KEY": key, "MAILBRIDGE_LISTEN": "127.0.0.1:0"])
        #expect(result.status != 0)
        #expect(result.output.contains("key"), "\(result.output)")
        #expect(!result.output.contains(key))
        let again = try await bridge.restart()
        try await again.api.get("\(account.path)/mailboxes").expecting(200)
        try await again.process.stop()
    }

    @Test func `the start prints one line with the address and what to do next`() async throws {
        let folder = try TemporaryFolder("settings")
        let process = try await MailbridgeProcess.start(data: folder)
        let line = try #require(process.output.split(separator: "\n").first { $0.contains("listens on") })
        #expect(line.contains("http://127.0.0.1:\(process.port)"))
        #expect(line.contains("token") && line.contains("/v1/accounts"))
        #expect(!process.output.contains(MailbridgeProcess.adminToken))
        #expect(try await process.stop() == 0)
    }
}
