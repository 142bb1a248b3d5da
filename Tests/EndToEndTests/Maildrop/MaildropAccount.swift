import Foundation
import MailServers

extension MailStore {
    /// The settings of this server's POP3, or of a port that leads to it.
    func maildrop(
        of host: MailHost, _ security: String = "tls", port: UInt16? = nil, retention: JSONValue? = nil
    ) async throws -> JSONValue {
        let ports: MailStorePorts =
            switch self {
            case .dovecot: host.dovecot.ports
            case .cyrus: try await Self.cyrusServer.ports
            }
        let server = host.server(port ?? (security == "tls" ? ports.pop3s : ports.pop3), security)
        return retention.map { server.setting("/retention", to: $0) } ?? server
    }

    /// What a client sends to add the account of a user by POP3.
    func maildropDraft(for user: MailUser, of host: MailHost, retention: JSONValue? = nil) async throws -> JSONValue {
        host.draft(for: user).removing("imap").setting("/pop3", to: try await maildrop(of: host, retention: retention))
    }
}

extension Bridge {
    /// Adds the account of a user whom no other test has, by POP3; `seed` is done before.
    func newMaildrop(
        _ store: MailStore, retention: JSONValue? = nil, seed: (MailAccount) async throws -> Void = { _ in }
    ) async throws -> MailAccount {
        let user = try host.newUser()
        try await seed(MailAccount(id: "", api: api, host: host, user: user, store: store))
        var account = try await addAccount(store.maildropDraft(for: user, of: host, retention: retention))
        account.user = user
        account.store = store
        return account
    }

    /// Visits maildrops each second, and may call this machine.
    static let quickMaildrops = ["MAILBRIDGE_POP3_POLL_INTERVAL": "1", "MAILBRIDGE_WEBHOOK_ALLOW_PRIVATE": "true"]
}

/// Somebody else's mail program at the same maildrop: Python's poplib.
enum OtherMaildropClient {
    /// Runs Python with `box`, a session that is logged in; what it prints is the answer.
    @discardableResult
    static func run(_ account: MailAccount, _ program: String) async throws -> String {
        let port: UInt16 =
            switch account.store {
            case .dovecot: account.host.dovecot.ports.pop3
            case .cyrus: try await MailStore.cyrusServer.ports.pop3
            }
        let script = """
            import poplib, sys, time
            for attempt in range(200):
                try:
                    box = poplib.POP3("127.0.0.1", \(port))
                    box.user("\(account.user.email)"); box.pass_("\(account.user.password)")
                    break
                except poplib.error_proto:
                    # Somebody else has the maildrop.
                    time.sleep(0.05)
            \(program)
            """
        return try await onThread { try Command.check([Command.locate("python3"), "-c", script]) }
    }
}
