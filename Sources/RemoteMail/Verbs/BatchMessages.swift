import IMAP
import MailClient
import Mapping
package import Model

/// What is done to each message of a batch: keywords first, then at most one of the others.
package struct BatchAction: Sendable, Equatable {
    /// What becomes of the message.
    package enum Transfer: Sendable, Equatable {
        case move(MailboxReference)
        case copy(MailboxReference)
        case delete(permanently: Bool)
    }

    package var keywords: [String: Bool]
    package var transfer: Transfer?

    package init(keywords: [String: Bool] = [:], transfer: Transfer? = nil) {
        self.keywords = keywords
        self.transfer = transfer
    }
}

/// What became of one message of a batch.
package struct BatchOutcome: Sendable {
    package var id: EmailID
    /// Where it, or its copy, is now; nil where it stayed, is gone, or the server does not tell.
    package var newID: EmailID?
    /// Nil where all was done.
    package var error: (any Error)?

    package init(id: EmailID, newID: EmailID? = nil, error: (any Error)? = nil) {
        self.id = id
        self.newID = newID
        self.error = error
    }
}

extension MailService {
    /// Does the same to many messages: a few commands a mailbox, whatever their number.
    ///
    /// The outcomes come in the order of `ids`. Throws only where nothing could be done at all.
    package func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
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
        var outcomes: [EmailID: BatchOutcome] = [:]
        for (group, uids) in groups(of: ids) {
            do {
                for outcome in try await run(plan, group, uids, of: account, deadline: deadline) {
                    outcomes[outcome.id] = outcome
                }
            } catch {
                if outcomes.isEmpty, ids.count == uids.count { throw error }
                for key in keys(group, uids) { outcomes[key.id] = BatchOutcome(id: key.id, error: error) }
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

    private func keys(_ group: MessageGroup, _ uids: UIDSet) -> [MessageKey] {
        uids.numbers.map { MessageKey(mailbox: group.mailbox, uidValidity: group.uidValidity, uid: $0) }
    }

    /// One mailbox's share, in commands of bounded length.
    private func run(
        _ plan: BatchPlan, _ group: MessageGroup, _ uids: UIDSet, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let source = try await mailbox(.id(group.mailbox), of: account, deadline: deadline)
        return try await withMailbox(source, of: account, for: .changing, deadline: deadline) { session, validity in
            guard validity == group.uidValidity else { return [] }
            var outcomes: [BatchOutcome] = []
            for piece in uids.pieces() {
                do {
                    outcomes += try await run(plan, group, piece, source, in: session)
                } catch {
                    // What went before is done, and its outcome must be heard.
                    outcomes += keys(group, piece).map { BatchOutcome(id: $0.id, error: error) }
                }
            }
            return outcomes
        }
    }

    private func run(
        _ plan: BatchPlan, _ group: MessageGroup, _ piece: UIDSet, _ source: MailboxDirectory.Entry,
        in session: IMAPLease
    ) async throws -> [BatchOutcome] {
        // STORE, COPY and MOVE of a UID that is gone succeed in silence: who is there is asked first.
        let present = try await session.execute(SearchCommand(.messages(.uids(piece)))).all ?? UIDSet()
        guard !present.isEmpty else { return [] }
        let messages = MessageSet.uids(present)
        if !plan.added.isEmpty { _ = try await session.execute(StoreCommand(messages, .add, plan.added)) }
        if !plan.removed.isEmpty { _ = try await session.execute(StoreCommand(messages, .remove, plan.removed)) }
        var places: [UInt32: EmailID] = [:]
        switch plan.step {
        case nil: break
        case .copy(let target)?: places = try await copy(present, to: target, in: session)
        case .move(let target)? where target.mailbox.id == source.mailbox.id: break
        case .trash(let target)? where target.mailbox.id == source.mailbox.id:
            try await expunge(present, in: session)
        case .move(let target)?, .trash(let target)?: places = try await move(present, to: target, in: session)
        case .expunge?: try await expunge(present, in: session)
        }
        return present.numbers.map { uid in
            let key = MessageKey(mailbox: group.mailbox, uidValidity: group.uidValidity, uid: uid)
            return BatchOutcome(id: key.id, newID: places[uid])
        }
    }

    private func copy(
        _ uids: UIDSet, to target: MailboxDirectory.Entry, in session: IMAPLease
    ) async throws -> [UInt32: EmailID] {
        places(of: try await session.execute(CopyCommand(.uids(uids), to: target.name)), in: target)
    }

    private func move(
        _ uids: UIDSet, to target: MailboxDirectory.Entry, in session: IMAPLease
    ) async throws -> [UInt32: EmailID] {
        if await session.capabilities.contains(.move) {
            return places(of: try await session.execute(MoveCommand(.uids(uids), to: target.name)), in: target)
        }
        let places = try await copy(uids, to: target, in: session)
        try await expunge(uids, in: session)
        return places
    }

    private func places(of copied: CopiedUIDs?, in target: MailboxDirectory.Entry) -> [UInt32: EmailID] {
        guard let copied, let pairs = copied.pairs() else { return [:] }
        return Dictionary(
            pairs.map { pair in
                let key = MessageKey(
                    mailbox: target.mailbox.id, uidValidity: copied.validity, uid: pair.destination)
                return (pair.source, key.id)
            }, uniquingKeysWith: { first, _ in first })
    }
}

/// A batch's action with flags and mailboxes as the server calls them.
private struct BatchPlan: Sendable {
    enum Step: Sendable {
        case move(MailboxDirectory.Entry)
        case copy(MailboxDirectory.Entry)
        case trash(MailboxDirectory.Entry)
        case expunge
    }

    var added: [Flag]
    var removed: [Flag]
    var step: Step?
}

/// Messages that one selected mailbox holds.
private struct MessageGroup: Hashable {
    let mailbox: MailboxID
    let uidValidity: UInt32
}

extension UIDSet {
    /// Pieces that make command lines below 8,000 octets, which is what servers must take (RFC 7162, 4).
    fileprivate func pieces() -> [UIDSet] {
        stride(from: 0, to: ranges.count, by: Limits.rangesInCommand).flatMap { start in
            NumberSet(ranges: ranges[start..<Swift.min(start + Limits.rangesInCommand, ranges.count)])
                .chunked(size: Limits.batchInCommand)
        }
    }
}
