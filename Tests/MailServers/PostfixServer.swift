import Foundation
import Glibc

/// A real Postfix on loopback that delivers to a `DovecotServer` and lets its users send.
///
/// It stops with the value or with the process.
package final class PostfixServer: Sendable {
    /// What a test may want to be different from the usual.
    package struct Options: Sendable {
        package var messageSizeLimit = 64 << 20
        /// Lets clients log in without TLS on the submission port.
        package var allowsPlaintext = false
        package var certificateFlaw = CertificateAuthority.Flaw.none
        /// Next hops by domain, such as `["slow.test": "smtp:[127.0.0.1]:2525"]`.
        ///
        /// Mail for other foreign domains bounces: none ever leaves the machine.
        package var routes: [String: String] = [:]
        /// Lines added to the end of `main.cf`, the last setting of a name being the one that counts.
        package var configuration = ""

        package init() {}
    }

    /// Ports on 127.0.0.1: `smtp` takes mail for the local users from anybody, as port 25 does; `submission` has
    /// STARTTLS and `smtps` implicit TLS, both for users who log in.
    package struct Ports: Sendable {
        package let smtp, submission, smtps: UInt16
    }

    package let ports: Ports
    private let folder: TemporaryFolder
    private let supervisor: Supervisor

    /// Starts a server and returns when it accepts connections.
    package static func start(dovecot: DovecotServer, options: Options = Options()) async throws -> PostfixServer {
        try await onThread {
            try LoopbackPort.retrying(3) { try PostfixServer(dovecot: dovecot, options: options, ports: $0) }
        }
    }

    private init(dovecot: DovecotServer, options: Options, ports: [UInt16]) throws {
        self.ports = Ports(smtp: ports[0], submission: ports[1], smtps: ports[2])
        let postconf = try Command.locate("postconf")
        folder = try TemporaryFolder("postfix", isGuarded: false)
        let program: String
        do {
            program = try Command.check([postconf, "-d", "-h", "daemon_directory"])
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let configuration = PostfixConfiguration(
                folder: folder, ports: self.ports, dovecot: dovecot,
                identity: dovecot.authority.identity(options.certificateFlaw), options: options)
            try folder.makeFolder("etc")
            try folder.write(configuration.main, to: "etc/main.cf")
            try folder.write(configuration.master, to: "etc/master.cf")
            try folder.write(dovecot.users.map { "\($0.email) OK\n" }.joined(), to: "etc/users")
            try folder.write(options.routes.map { "\($0.key) \($0.value)\n" }.joined(), to: "etc/transport")
        } catch {
            folder.remove()
            throw error
        }
        // `postfix start` would do this, and check the whole installation as well.
        let start = """
            cd \(folder.path) && mkdir queue data && cd queue \
            && mkdir active bounce corrupt defer deferred flush hold incoming private public maildrop pid saved trace \
            && chown postfix active bounce corrupt defer deferred flush hold incoming private saved trace ../data \
            && chown postfix:postdrop public maildrop && chmod 710 public && chmod 730 maildrop \
            && chmod 700 private ../data \
            && MAIL_CONFIG=\(folder("etc")) \(program)/master -c \(folder("etc")) -w
            """
        supervisor = try Supervisor(start: start, pidFile: folder("queue/pid/master.pid"), folder: folder)
    }

    package func stop() async throws {
        let supervisor = supervisor
        try await onThread { try supervisor.stop() }
    }

    /// What the server has logged.
    package var log: String { folder.text(of: "postfix.log") }

    /// Runs a command of Postfix, such as `postqueue -p`, against this server.
    @discardableResult
    package func command(_ name: String, _ arguments: String...) async throws -> String {
        let folder = folder
        return try await onThread {
            try Command.check(Command.privilege + [Command.locate(name), "-c", folder("etc")] + arguments)
        }
    }
}
