import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Tells the server's filter what a message is: the keywords that filters learn from, and the mailbox it belongs in.
    ///
    /// Answers like `move`. The keywords are only set where the mailbox keeps them; moving is what all filters see.
    package func judgeSpam(
        _ id: EmailID, isSpam: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        let role = isSpam ? MailboxRole.junk : .inbox
        // Before anything is changed: an account without such a mailbox hears so.
        _ = try await mailbox(.role(role), of: account, deadline: deadline)
        do {
            _ = try await setKeywords(
                ["$junk": isSpam, "$notjunk": !isSpam], on: id, of: account, deadline: deadline)
        } catch MailClientError.rejected {
            // Servers without room for keywords of ours say NO (RFC 9051, 7.1 PERMANENTFLAGS).
        }
        return try await move(id, to: .role(role), of: account, deadline: deadline)
    }
}
