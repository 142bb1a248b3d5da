import MailServers
import Testing

/// The servers whose dialects the API has to speak: every test of mailboxes and messages runs before each of them.
///
/// No answer of the API may show which one it is, but for the paths of mailboxes, which are the servers' own names.
enum MailStore: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case dovecot = "Dovecot"
    /// `INBOX.` before each name, `.` between its parts, roles in lower case, OBJECTID, other ideas of SORT and THREAD.
    case cyrus = "Cyrus"

    var testDescription: String { rawValue }

    /// Cyrus for users of the shared host: they log in with the same passwords, and send by the host's Postfix.
    private static let sharedCyrus = Task(name: "shared Cyrus") {
        let host = try await MailHost.shared()
        return try await CyrusServer.start(users: host.dovecot.users, authority: host.authority)
    }

    static var cyrusServer: CyrusServer { get async throws { try await sharedCyrus.value } }

    /// An account of a user whom no other test has, whose mail is in this server.
    func newAccount() async throws -> MailAccount {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        var account = try await bridge.addAccount(draft(for: user, of: bridge.host))
        account.user = user
        account.store = self
        return account
    }

    /// What a client sends to add the account of a user whose mail is here.
    func draft(for user: MailUser, of host: MailHost) async throws -> JSONValue {
        host.draft(for: user).setting("/imap", to: try await settings(host))
    }

    /// The settings of this server's IMAP: with implicit TLS, or what else is asked for.
    func settings(_ host: MailHost, _ security: String = "tls") async throws -> JSONValue {
        let (imap, imaps): (UInt16, UInt16)
        switch self {
        case .dovecot: (imap, imaps) = (host.dovecot.ports.imap, host.dovecot.ports.imaps)
        case .cyrus:
            let ports = try await Self.cyrusServer.ports
            (imap, imaps) = (ports.imap, ports.imaps)
        }
        return host.server(security == "tls" ? imaps : imap, security)
    }

    /// How the server calls a mailbox, which is its path in the API.
    func path(of mailbox: String) async throws -> String {
        switch self {
        case .dovecot: mailbox
        case .cyrus: try await Self.cyrusServer.name(of: mailbox)
        }
    }
}
