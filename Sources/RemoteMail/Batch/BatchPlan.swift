import IMAP
import MailClient
import Mapping
import Model

/// A batch's action with flags and mailboxes as the server calls them.
struct BatchPlan: Sendable {
    enum Step: Sendable {
        case move(MailboxDirectory.Entry)
        case copy(MailboxDirectory.Entry)
        case trash(MailboxDirectory.Entry)
        case expunge
    }

    var added: [Flag]
    var removed: [Flag]
    var step: Step?

    /// Where messages go that are put somewhere.
    var target: MailboxID? {
        switch step {
        case .move(let entry)?, .copy(let entry)?, .trash(let entry)?: entry.mailbox.id
        case .expunge?, nil: nil
        }
    }
}

extension MailService {
    func plan(
        _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> BatchPlan {
        let flags = try flags(action.keywords)
        var plan = BatchPlan(added: flags.added, removed: flags.removed)
        switch action.transfer {
        case .move(let reference)?: plan.step = .move(try await mailbox(reference, of: account, deadline: deadline))
        case .copy(let reference)?: plan.step = .copy(try await mailbox(reference, of: account, deadline: deadline))
        case .delete(let permanently)?:
            let trash = permanently ? nil : try await trash(of: account, deadline: deadline)
            plan.step = trash.map { .trash($0) } ?? .expunge
        case nil: break
        }
        return plan
    }
}
