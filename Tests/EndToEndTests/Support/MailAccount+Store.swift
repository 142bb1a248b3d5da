import MailServers
import Testing

/// What a test does to an account's mail behind the API's back, and how it looks at it: as another client of the server.
extension MailAccount {
    func seed(mailbox: String = "INBOX", _ messages: [SeedMessage]) async throws {
        switch store {
        case .dovecot: try await host.dovecot.seed(user, mailbox: mailbox, messages)
        case .cyrus: try await MailStore.cyrusServer.seed(user, mailbox: mailbox, messages)
        }
    }

    func seed(mailbox: String = "INBOX", count: Int, _ message: @escaping @Sendable (Int) -> SeedMessage) async throws {
        switch store {
        case .dovecot: try await host.dovecot.seed(user, mailbox: mailbox, count: count, message)
        case .cyrus: try await MailStore.cyrusServer.seed(user, mailbox: mailbox, (0..<count).map(message))
        }
    }

    func deliver(_ raw: [UInt8]) async throws {
        switch store {
        case .dovecot: try await host.dovecot.deliver(user, raw)
        case .cyrus: try await MailStore.cyrusServer.deliver(user, raw)
        }
    }

    /// The messages of a mailbox as the server itself has them.
    func stored(in mailbox: String = "INBOX") async throws -> [[UInt8]] {
        switch store {
        case .dovecot: try await host.dovecot.storedMessages(user, mailbox: mailbox)
        case .cyrus: try await MailStore.cyrusServer.storedMessages(user, mailbox: mailbox)
        }
    }

    /// Flags by subject in a mailbox, as the server itself has them.
    func storedFlags(in mailbox: String = "INBOX") async throws -> [String: Set<String>] {
        switch store {
        case .dovecot: try await host.dovecot.storedFlags(user, mailbox: mailbox)
        case .cyrus: try await MailStore.cyrusServer.storedFlags(user, bySubjectIn: mailbox)
        }
    }

    /// Another client marks a message as deleted and does not expunge it yet.
    func markAsDeleted(_ subject: String) async throws {
        switch store {
        case .dovecot:
            try await host.dovecot.doveadm(
                "flags", "add", "-u", user.email, "\\Deleted", "mailbox", "INBOX", "subject", subject)
        case .cyrus:
            try await MailStore.cyrusServer.withProbe(user) { probe in
                try probe.command("SELECT INBOX")
                let found = try probe.command("UID SEARCH SUBJECT \(IMAPProbe.quoted(subject))")
                guard let uid = found.first?.text.split(separator: " ").last else { return }
                try probe.command("UID STORE \(uid) +FLAGS (\\Deleted)")
            }
        }
    }

    /// Deletes a mailbox and makes it again with other messages and another UIDVALIDITY.
    func rebuild(_ mailbox: String, _ messages: [SeedMessage]) async throws {
        switch store {
        case .dovecot:
            try await host.dovecot.doveadm("mailbox", "delete", "-u", user.email, mailbox)
            try await seed(mailbox: mailbox, messages)
            // UIDVALIDITY is a time in seconds, so the rebuilt mailbox is given another one.
            try await host.dovecot.doveadm("mailbox", "update", "-u", user.email, "--uid-validity", "77", mailbox)
        case .cyrus:
            let server = try await MailStore.cyrusServer
            let name = IMAPProbe.quoted(server.wireName(of: mailbox))
            try await server.withProbe(user) { probe in _ = try probe.command("DELETE \(name)") }
            try await seed(mailbox: mailbox, messages)
        }
    }

    /// The names of all mailboxes, or of those that are subscribed, with slashes and without the server's prefix.
    func storedMailboxes(subscribed: Bool = false) async throws -> Set<String> {
        switch store {
        case .dovecot:
            let options = subscribed ? "-s8" : "-8"
            let output = try await host.dovecot.doveadm("mailbox", "list", "-u", user.email, options, "*")
            return Set(output.split(separator: "\n").map(String.init))
        case .cyrus: return try await MailStore.cyrusServer.mailboxes(of: user, subscribed: subscribed)
        }
    }
}
