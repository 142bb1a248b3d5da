import MailServers
import Testing

/// The servers whose dialects the API has to speak, with what a test does to them behind the API's back.
enum MailStore: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case dovecot = "Dovecot"
    case cyrus = "Cyrus"

    var testDescription: String { rawValue }

    /// Cyrus for users of the shared host: they log in with the same passwords, and send by the host's Postfix.
    private static let sharedCyrus = Task(name: "shared Cyrus") {
        let host = try await MailHost.shared()
        return try await CyrusServer.start(users: host.dovecot.users, authority: host.authority)
    }

    /// An account of a user whom no other test has, whose mail is in this server.
    func newAccount() async throws -> MailAccount {
        let bridge = try await Bridge.shared()
        guard self == .cyrus else { return try await bridge.newAccount() }
        let cyrus = try await Self.sharedCyrus.value
        let user = try bridge.host.newUser()
        let imap = bridge.host.server(cyrus.ports.imap, "starttls")
        var account = try await bridge.addAccount(bridge.host.draft(for: user).setting("/imap", to: imap))
        account.user = user
        return account
    }

    func seed(_ account: MailAccount, mailbox: String = "INBOX", _ messages: [SeedMessage]) async throws {
        switch self {
        case .dovecot: try await account.host.dovecot.seed(account.user, mailbox: mailbox, messages)
        case .cyrus: try await Self.sharedCyrus.value.seed(account.user, mailbox: mailbox, messages)
        }
    }

    func deliver(_ account: MailAccount, _ raw: [UInt8]) async throws {
        switch self {
        case .dovecot: try await account.host.dovecot.deliver(account.user, raw)
        case .cyrus: try await Self.sharedCyrus.value.deliver(account.user, raw)
        }
    }

    /// The messages of a mailbox as the server itself has them.
    func stored(_ account: MailAccount, in mailbox: String = "INBOX") async throws -> [[UInt8]] {
        switch self {
        case .dovecot: try await account.stored(in: mailbox)
        case .cyrus: try await Self.sharedCyrus.value.storedMessages(account.user, mailbox: mailbox)
        }
    }

    /// How the server calls a mailbox, which is its path in the API.
    func path(of mailbox: String) async throws -> String {
        switch self {
        case .dovecot: mailbox
        case .cyrus: try await Self.sharedCyrus.value.name(of: mailbox)
        }
    }
}
