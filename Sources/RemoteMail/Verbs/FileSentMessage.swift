import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Puts a sent message into the mailbox of the role `sent`, seen, unless it is there already.
    ///
    /// Some servers file what is submitted themselves (Gmail, Exchange), and an earlier try may have succeeded without our
    /// knowing: the Message-ID tells. Nil where the account has no such mailbox.
    package func fileSent(
        _ message: [UInt8], messageID: String, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> EmailID? {
        let target: MailboxDirectory.Entry
        do {
            target = try await mailbox(.role(.sent), of: account, deadline: deadline)
        } catch RemoteMailError.roleNotFound {
            return nil
        }
        return try await withMailbox(target, of: account, for: .changing, deadline: deadline) { session, validity in
            try await session.execute(NoopCommand())
            let search = SearchCommand(.header(name: "Message-ID", value: messageID), returning: [.maximum])
            let found = try await session.execute(search)
            var uid = found.maximum ?? found.all?.last
            if uid == nil {
                let appended = try await session.execute(
                    AppendCommand(to: target.name, flags: [.seen], message: message))
                uid = appended.uidValidity == validity ? appended.uid : nil
            }
            if uid == nil {
                try await session.execute(NoopCommand())
                let found = try await session.execute(search)
                uid = found.maximum ?? found.all?.last
            }
            guard let uid else { return nil }
            changed(account)
            return try await summary(
                MessageKey(mailbox: target.mailbox.id, uidValidity: validity, uid: uid), of: account, in: session
            ).id
        }
    }
}
