package import Model
package import POP3
import SMTP
import Transport

/// What one account's sessions at a server do now.
package struct ServerContact: Sendable, Equatable {
    package var sessions = SessionUse()
    /// When the server last answered a request.
    package var lastContactAt: Timestamp?
    /// What it said it can do, where the pool keeps that: sorted.
    package var capabilities: [String] = []
    /// The same of a POP3 server, with what it says besides.
    package var maildrop: POP3Capabilities?

    package init() {}
}

extension AccountSessions {
    /// The account's pool for this protocol; as nobody has needed it yet, one that holds nothing.
    package func contact(_ account: AccountID, _ mailProtocol: MailProtocol) -> ServerContact {
        var contact = ServerContact()
        let (imap, pop3, smtp) = pools(of: account)
        switch mailProtocol {
        case .imap:
            contact.sessions.budget = sessionsPerAccount
            guard let snapshot = imap?.snapshot else { break }
            contact.sessions = SessionUse(
                lent: snapshot.lent, idle: snapshot.idle, connecting: snapshot.connecting, waiting: snapshot.waiting,
                budget: snapshot.budget)
            contact.lastContactAt = snapshot.lastContact.map(Timestamp.init(past:))
        case .smtp:
            contact.sessions.budget = SMTPPool.Settings().maximumConnections
            guard let status = smtp?.status, let reached = smtp?.contact else { break }
            contact.sessions = SessionUse(
                lent: max(0, status.lent - reached.connecting), idle: status.idle, connecting: reached.connecting,
                waiting: status.waiting, budget: reached.budget)
            contact.lastContactAt = reached.last.map(Timestamp.init(past:))
            contact.capabilities = reached.capabilities.names
        case .pop3:
            contact.sessions.budget = 1
            guard let status = pop3?.status else { break }
            contact.sessions = SessionUse(
                lent: status.isLent && !status.isConnecting ? 1 : 0, connecting: status.isConnecting ? 1 : 0,
                waiting: status.waiting, budget: 1)
            contact.lastContactAt = status.lastContact.map(Timestamp.init(past:))
            contact.capabilities = status.capabilities.names.sorted()
            contact.maildrop = status.capabilities
        }
        return contact
    }
}

extension Timestamp {
    /// A moment that has passed, of the clock that sessions use.
    fileprivate init(past moment: Deadline) {
        self = Timestamp.now().advanced(by: .zero - Deadline.now.duration(since: moment))
    }
}
