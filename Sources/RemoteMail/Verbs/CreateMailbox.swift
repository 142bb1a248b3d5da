import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Creates a mailbox and subscribes to it, as mail programs do; its role is told to servers that keep roles.
    package func createMailbox(
        _ draft: MailboxDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        let directory = try await listMailboxes(of: account, deadline: deadline)
        let name = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: false, deadline: deadline
        ) { session in
            let name = try await location(inside: draft.parent, of: directory, in: session).name(draft.name)
            guard directory[path: name.text]?.isAvailable != false else {
                throw RemoteMailError.mailboxExists(name.text)
            }
            let use = await session.capabilities.contains(.createSpecialUse) ? draft.role?.attribute : nil
            try await refusing(name) { try await session.execute(CreateCommand(name, use: use)) }
            // The mailbox is there; that nobody is subscribed to it is no reason to say that it is not.
            _ = try? await session.execute(SubscribeCommand(name))
            return name
        }
        changed(account)
        return try await listMailboxes(of: account, asksRights: true, deadline: deadline)
            .existing(path: name.text).mailbox
    }

    /// Runs a command that makes this name.
    func refusing(_ name: MailboxName, _ command: () async throws -> Void) async throws {
        do {
            try await command()
        } catch MailClientError.rejected(_, let code, _) where code == "ALREADYEXISTS" {
            throw RemoteMailError.mailboxExists(name.text)
        }
    }
}

extension MailboxDirectory.Entry {
    /// Whether CREATE makes sense: a name that only contains others can become a mailbox.
    fileprivate var isAvailable: Bool { !mailbox.isSelectable }
}

extension MailboxRole {
    /// The attribute of RFC 6154 and RFC 8457; the inbox has none.
    fileprivate var attribute: MailboxAttribute? {
        switch self {
        case .inbox: nil
        case .drafts: .drafts
        case .sent: .sent
        case .junk: .junk
        case .trash: .trash
        case .archive: .archive
        case .all: .all
        case .flagged: .flagged
        case .important: .important
        }
    }
}
