import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Does the same to many messages: a few commands a mailbox, whatever their number.
    ///
    /// The outcomes come in the order of `ids`. Throws only where nothing could be done at all.
    package func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let plan = try await plan(action, of: account, deadline: deadline)
        var outcomes: [EmailID: BatchOutcome] = [:]
        let groups = try await groups(of: ids, in: account, deadline: deadline)
        for (group, uids) in groups {
            do {
                for outcome in try await run(plan, group, uids, of: account, deadline: deadline) {
                    outcomes[outcome.id] = outcome
                }
            } catch {
                if outcomes.isEmpty, groups.count == 1 { throw error }
                for id in uids.values where outcomes[id] == nil { outcomes[id] = BatchOutcome(id: id, error: error) }
            }
        }
        changed(account)
        return ids.map { outcomes[$0] ?? BatchOutcome(id: $0, error: RemoteMailError.messageNotFound($0)) }
    }

    /// Where the messages lie, by mailbox; a copy that one of them has there already is left alone.
    private func groups(
        of ids: [EmailID], in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [MessageGroup: [UInt32: EmailID]] {
        var places = try await index.places(of: ids, in: account)
        // One that is not indexed yet is waited for as any other call waits; those that nobody has are answered so.
        if let missing = ids.first(where: { places[$0] == nil }) {
            let patience = min(deadline, .now + Limits.batchPatience)
            _ = try? await self.places(of: missing, in: account, deadline: patience)
            places = try await index.places(of: ids, in: account)
        }
        var groups: [MessageGroup: [UInt32: EmailID]] = [:]
        for (id, places) in places {
            for place in places {
                groups[MessageGroup(mailbox: place.mailbox, uidValidity: place.uidValidity), default: [:]][place.uid] =
                    id
            }
        }
        return groups
    }

    private func run(
        _ plan: BatchPlan, _ group: MessageGroup, _ uids: [UInt32: EmailID], of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let source = try await mailbox(.id(group.mailbox), of: account, deadline: deadline)
        return try await withMailbox(source, of: account, for: .changing, deadline: deadline) { session, validity in
            guard validity == group.uidValidity else { return [] }
            let run = BatchRun(
                mail: self, account: account, plan: plan, source: source, uidValidity: validity, ids: uids,
                session: session)
            return await run.perform(on: UIDSet(uids.keys), wereFound: false)
        }
    }
}

/// Messages that one selected mailbox holds.
private struct MessageGroup: Hashable {
    let mailbox: MailboxID
    let uidValidity: UInt32
}
