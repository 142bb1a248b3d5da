import Glibc

/// A real Cyrus on loopback with IMAP, POP3 and LMTP: the second dialect beside Dovecot's.
///
/// It says `INBOX.` before the name of every mailbox and `.` between its parts, gives roles in lower case, has OBJECTID,
/// and refuses messages whose header is broken. It stops with the value or with the process.
///
/// Debian's packages of the two servers exclude each other, so `make deps` unpacks this one beside the system.
package final class CyrusServer: Sendable {
    /// What a test may want to be different from the usual.
    package struct Options: Sendable {
        package var mechanisms = ["PLAIN", "LOGIN", "SCRAM-SHA-256"]
        package var certificateFlaw = CertificateAuthority.Flaw.none
        /// Mailboxes beside INBOX instead of below it.
        package var hasAlternativeNamespace = false
        /// `/` is what Cyrus itself prefers since version 3, `.` what Debian and older servers have.
        package var separator: Character = "."
        /// Lines added to the end of `imapd.conf`.
        package var configuration = ""

        package init() {}
    }

    package typealias Ports = MailStorePorts

    package let users: [MailUser]
    package let ports: Ports
    package let authority: CertificateAuthority
    private let options: Options
    private let folder: TemporaryFolder
    private let supervisor: Supervisor

    /// Where `.ci/deps` unpacks the packages.
    private static let unpacked = "/var/lib/mailbridge-deps/cyrus/usr"

    /// Starts a server and returns when it accepts connections.
    package static func start(
        users: [MailUser], authority: CertificateAuthority, options: Options = Options()
    ) async throws -> CyrusServer {
        try await Ports.starting { try CyrusServer(users: users, authority: authority, options: options, ports: $0) }
    }

    private init(users: [MailUser], authority: CertificateAuthority, options: Options, ports: Ports) throws {
        self.users = users
        self.authority = authority
        self.options = options
        self.ports = ports
        let imapd = try Command.locate("imapd", also: ["\(Self.unpacked)/lib/cyrus/bin"])
        let passwords = try Command.locate("saslpasswd2", also: ["\(Self.unpacked)/sbin"])
        let master = try Command.locate("master", also: ["/usr/lib/cyrus/bin"])
        // It makes each message durable before it says so, which would cost our disk 50 ms each.
        folder = try TemporaryFolder("cyrus", isGuarded: false, inMemory: true)
        let folder = folder
        try folder.fill { folder in
            for name in ["state", "state/log", "spool", "run"] { try folder.makeFolder(name) }
            let configuration = CyrusConfiguration(
                folder: folder, ports: ports, options: options,
                programs: String(imapd.dropLast("/imapd".count)))
            try folder.write(configuration.imapd, to: "imapd.conf")
            try folder.write(configuration.master, to: "cyrus.conf")
            for user in users {
                try folder.makeFolder("state/log/\(user.email)")
                let parts = user.email.split(separator: "@", maxSplits: 1).map(String.init)
                try Command.check(
                    [passwords, "-p", "-c", "-f", folder("sasldb2"), "-u", parts.last ?? "", parts[0]],
                    input: Array(user.password.utf8))
            }
        }
        let identity = authority.identity(options.certificateFlaw)
        let cleartextPorts = "\(self.ports.imap) \(self.ports.pop3) \(self.ports.lmtp)"
        // It listens a moment after it has gone into the background, and says nothing where a port is another's.
        supervisor = try Supervisor(
            start: """
                cp \(identity.certificate) \(folder("server.pem")) && cp \(identity.key) \(folder("server.key")) &&
                chown -R cyrus:mail \(folder.path) &&
                \(master) -C \(folder("imapd.conf")) -M \(folder("cyrus.conf")) -p \(folder("master.pid")) -d &&
                bash -c 'for port in \(cleartextPorts); do
                    for try in $(seq 250); do
                        line=
                        { exec 3<>/dev/tcp/127.0.0.1/$port && read -r -t 10 line <&3; exec 3>&-; } 2>/dev/null
                        case $line in *Cyrus*) break;; esac
                        sleep 0.02
                    done
                    case $line in *Cyrus*) ;; *) echo "no Cyrus on port $port"; exit 1;; esac
                done'
                """, pidFile: folder("master.pid"), folder: folder)
    }

    /// Stops the server, to see what clients make of that.
    package func stop() async throws {
        let supervisor = supervisor
        try await onThread { try supervisor.stop() }
    }

    /// What was said on all IMAP and POP3 connections of a user, as Cyrus' telemetry has it.
    package func conversations(of user: MailUser) async throws -> String {
        let path = folder("state/log/\(user.email)")
        return try await onThread {
            try Command.check(Command.privilege + ["sh", "-c", "cat \"$0\"/* 2>/dev/null || true", path])
        }
    }

    /// The name of a mailbox that is called `path` with slashes: what the server has before and between its parts.
    package func name(of path: String) -> String {
        let own = String(path.map { $0 == "/" ? options.separator : $0 })
        if path == "INBOX" || options.hasAlternativeNamespace { return own }
        return "INBOX\(options.separator)\(own)"
    }

    /// The same in IMAP's spelling.
    package func wireName(of path: String) -> String { IMAPProbe.wireName(name(of: path)) }

    var separator: Character { options.separator }
}
