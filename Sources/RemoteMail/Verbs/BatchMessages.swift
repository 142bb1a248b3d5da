import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Does the same to many messages: a few commands a mailbox, whatever their number.
    ///
    /// The outcomes come in the order of `ids`. Throws only where nothing could be done at all.
    package func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let plan = try await plan(action, of: account, deadline: deadline)
        var outcomes: [EmailID: BatchOutcome] = [:]
        for (group, uids) in groups(of: ids) {
            do {
                for outcome in try await run(plan, group, uids, of: account, deadline: deadline) {
                    outcomes[outcome.id] = outcome
                }
            } catch {
                if outcomes.isEmpty, ids.count == uids.count { throw error }
                for uid in uids.numbers {
                    let id = MessageKey(mailbox: group.mailbox, uidValidity: group.uidValidity, uid: uid).id
                    outcomes[id] = BatchOutcome(id: id, error: error)
                }
            }
        }
        return ids.map { outcomes[$0] ?? BatchOutcome(id: $0, error: RemoteMailError.messageNotFound($0)) }
    }

    private func groups(of ids: [EmailID]) -> [(MessageGroup, UIDSet)] {
        var numbers: [MessageGroup: [UInt32]] = [:]
        for key in ids.compactMap({ MessageKey($0) }) {
            numbers[MessageGroup(mailbox: key.mailbox, uidValidity: key.uidValidity), default: []].append(key.uid)
        }
        return numbers.map { ($0, UIDSet($1)) }
    }

    private func run(
        _ plan: BatchPlan, _ group: MessageGroup, _ uids: UIDSet, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let source = try await mailbox(.id(group.mailbox), of: account, deadline: deadline)
        return try await withMailbox(source, of: account, for: .changing, deadline: deadline) { session, validity in
            guard validity == group.uidValidity else { return [] }
            let run = BatchRun(mail: self, plan: plan, source: source, uidValidity: validity, session: session)
            return await run.perform(on: uids, wereFound: false)
        }
    }
}

/// Messages that one selected mailbox holds.
private struct MessageGroup: Hashable {
    let mailbox: MailboxID
    let uidValidity: UInt32
}
