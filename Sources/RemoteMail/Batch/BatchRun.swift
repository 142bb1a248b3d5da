import IMAP
import MailClient
import Mapping
import Model
import Store

/// A batch's share of one mailbox, in a session that has it selected.
struct BatchRun: Sendable {
    let mail: MailService
    let account: AccountID
    let plan: BatchPlan
    let source: MailboxDirectory.Entry
    let uidValidity: UInt32
    /// The ids of the messages that are meant.
    let ids: [UInt32: EmailID]
    let session: IMAPLease

    /// Does it in commands of bounded length; of messages that are gone there is no outcome.
    ///
    /// `wereFound` where the server named these messages just now: STORE, COPY and MOVE of a UID that is gone succeed in
    /// silence, so of others it is asked first who is there.
    func perform(on uids: UIDSet, wereFound: Bool) async -> [BatchOutcome] {
        let limit = await session.capabilities.messageLimit.map { max(1, Int($0)) } ?? .max
        var outcomes: [BatchOutcome] = []
        for piece in uids.pieces(atMost: min(limit, Limits.batchInCommand)) {
            do {
                outcomes += try await perform(onPiece: piece, wereFound: wereFound)
            } catch {
                // What went before is done, and its outcome must be heard.
                outcomes += piece.numbers.map { BatchOutcome(id: id($0), error: error) }
            }
        }
        return outcomes
    }

    private func perform(onPiece piece: UIDSet, wereFound: Bool) async throws -> [BatchOutcome] {
        var present = piece
        if !wereFound {
            present = try await session.execute(SearchCommand(.messages(.uids(piece)))).all ?? UIDSet()
        }
        guard !present.isEmpty else { return [] }
        let messages = MessageSet.uids(present)
        if !plan.added.isEmpty { _ = try await session.execute(StoreCommand(messages, .add, plan.added)) }
        if !plan.removed.isEmpty { _ = try await session.execute(StoreCommand(messages, .remove, plan.removed)) }
        var places: [UInt32: EmailID] = [:]
        var leaves = false
        switch plan.step {
        case nil: break
        case .copy(let target)?: places = try await copy(present, to: target)
        case .move(let target)? where target.mailbox.id == source.mailbox.id: break
        case .trash(let target)? where target.mailbox.id == source.mailbox.id:
            try await mail.expunge(present, in: session)
            leaves = true
        case .move(let target)?, .trash(let target)?:
            places = try await move(present, to: target)
            leaves = true
        case .expunge?:
            try await mail.expunge(present, in: session)
            leaves = true
        }
        if leaves { try await mail.index.noteLeaving(Array(present.numbers), source.mailbox.id, of: account) }
        return present.numbers.map { BatchOutcome(id: id($0), newID: places[$0]) }
    }

    private func id(_ uid: UInt32) -> EmailID { ids[uid] ?? EmailID(rawValue: "") }

    private func copy(_ uids: UIDSet, to target: MailboxDirectory.Entry) async throws -> [UInt32: EmailID] {
        try await places(of: try await session.execute(CopyCommand(.uids(uids), to: target.name)), in: target)
    }

    private func move(_ uids: UIDSet, to target: MailboxDirectory.Entry) async throws -> [UInt32: EmailID] {
        if await session.capabilities.contains(.move) {
            return try await places(
                of: try await session.execute(MoveCommand(.uids(uids), to: target.name)), in: target)
        }
        let places = try await copy(uids, to: target)
        try await mail.expunge(uids, in: session)
        return places
    }

    /// What was copied keeps its id, which leads to its new place from now on.
    private func places(of copied: CopiedUIDs?, in target: MailboxDirectory.Entry) async throws -> [UInt32: EmailID] {
        try await mail.note(copied, from: source, to: target, of: account)
        guard let copied, let pairs = copied.pairs() else { return [:] }
        return Dictionary(pairs.map { ($0.source, id($0.source)) }, uniquingKeysWith: { first, _ in first })
    }
}

extension UIDSet {
    /// Pieces that make command lines below 8,000 octets, which is what servers must take (RFC 7162, 4).
    fileprivate func pieces(atMost count: Int) -> [UIDSet] {
        stride(from: 0, to: ranges.count, by: Limits.rangesInCommand).flatMap { start in
            NumberSet(ranges: ranges[start..<Swift.min(start + Limits.rangesInCommand, ranges.count)])
                .chunked(size: count)
        }
    }
}
