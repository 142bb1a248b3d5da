import Foundation
import Glibc

/// A real Dovecot on loopback with IMAP, POP3, LMTP and, for Postfix, SASL.
///
/// It stops with the value or with the process.
///
/// It takes passwords also without TLS: Dovecot trusts whoever connects from the address it listens on, whatever
/// `disable_plaintext_auth` and `ssl = required` say. A server with LOGINDISABLED is one for `ScriptedServer`.
package final class DovecotServer: Sendable {
    /// What a test may want to be different from the usual.
    package struct Options: Sendable {
        package var mechanisms = ["plain", "login"]
        /// What is kept of passwords: only `PLAIN` serves every mechanism.
        package var passwordScheme = "PLAIN"
        package var certificateFlaw = CertificateAuthority.Flaw.none
        /// Idle sessions leave their process after 2 s: for tests with thousands of them.
        package var hibernates = false
        /// Lines added to the end of `dovecot.conf`, such as `imap_capability = IMAP4rev1` to play an old server.
        package var configuration = ""

        package init() {}
    }

    package typealias Ports = MailStorePorts

    package let users: [MailUser]
    package let ports: Ports
    package let authority: CertificateAuthority
    let folder: TemporaryFolder
    private let supervisor: Supervisor
    /// Numeric and random: the kernel counts inotify instances by user, and two runs must not use up each other's.
    let mailUser: uid_t

    /// Starts a server and returns when it accepts connections.
    package static func start(
        users: [MailUser], authority: CertificateAuthority, options: Options = Options()
    ) async throws -> DovecotServer {
        try await Ports.starting { try DovecotServer(users: users, authority: authority, options: options, ports: $0) }
    }

    private init(users: [MailUser], authority: CertificateAuthority, options: Options, ports: Ports) throws {
        self.users = users
        self.authority = authority
        self.ports = ports
        let dovecot = try Command.locate("dovecot")
        folder = try TemporaryFolder("dovecot", isGuarded: false)
        let mailUser = getuid() == 0 ? uid_t.random(in: 20_000..<60_000) : getuid()
        self.mailUser = mailUser
        let folder = folder
        try folder.fill { folder in
            try folder.makeFolder("mail")
            _ = chown(folder("mail"), mailUser, gid_t(mailUser))
            try folder.write(
                users.map {
                    "\($0.email):\(try Self.stored($0.password, options.passwordScheme)):\(mailUser):\(mailUser)::\(folder("mail"))/\($0.email)::\n"
                }
                .joined(), to: "users")
            let configuration = DovecotConfiguration(
                folder: folder, ports: ports, identity: authority.identity(options.certificateFlaw),
                options: options, userCount: users.count)
            try folder.write(configuration.text, to: "dovecot.conf")
        }
        // The command returns when the sockets listen and the daemon has gone into the background.
        supervisor = try Supervisor(
            start: "\(dovecot) -c \(folder("dovecot.conf"))", pidFile: folder("run/master.pid"), folder: folder)
    }

    private static func stored(_ password: String, _ scheme: String) throws -> String {
        guard scheme != "PLAIN" else { return "{PLAIN}\(password)" }
        return try Command.check([Command.locate("doveadm"), "pw", "-s", scheme, "-p", password])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Stops the server, to see what clients make of that.
    ///
    /// Otherwise there is no need to call this.
    package func stop() async throws {
        let supervisor = supervisor
        try await onThread { try supervisor.stop() }
    }

    /// What the server has logged.
    package var log: String { folder.text(of: "dovecot.log") }

    /// The lines of the log that say so, as soon as there are as many; a process apart writes them, after the client was answered.
    ///
    /// - Throws: `ServerFailure` with the log where they do not come.
    package func logged(_ words: String, atLeast count: Int = 1) async throws -> [Substring] {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let lines = log.split(separator: "\n").filter { $0.contains(words) }
            if lines.count >= count { return lines }
            guard ContinuousClock.now < end else {
                throw ServerFailure("Dovecot logged \"\(words)\" \(lines.count) times, not \(count):\n\(log)")
            }
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
    }

    /// Runs `doveadm` against this server.
    @discardableResult
    package func doveadm(_ arguments: String...) async throws -> String {
        let folder = folder
        return try await onThread { try Self.doveadm(folder, arguments) }
    }

    static func doveadm(_ folder: TemporaryFolder, _ arguments: [String]) throws -> String {
        try Command.check(
            Command.privilege + [Command.locate("doveadm"), "-c", folder("dovecot.conf")] + arguments)
    }
}
