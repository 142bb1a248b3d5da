import MailClient
import Mapping
import Model
import POP3
import Store

/// Brings the index up to date with a maildrop, and deletes what retention says is due, in the same session: servers may want logins to
/// be hours apart.
struct MaildropPass {
    /// What became of one session.
    private struct Visit: Sendable {
        var hasMore = false
        var isBackfilling = false
        var isHeld = false
        var deleted: [UInt32] = []
    }

    let sync: AccountSync
    let retention: Retention
    /// Told when the first reading begins and ends.
    let noteSyncing: @Sendable (AccountID, Bool) async -> Void

    func run() async throws {
        try await announceMailbox()
        var isSyncing = false
        var isHeld = false
        do {
            while true {
                let visit = try await visit()
                try await tell(deleted: visit.deleted)
                if visit.isBackfilling, !isSyncing { await noteSyncing(sync.account, true) }
                isSyncing = visit.isBackfilling || isSyncing
                isHeld = visit.isHeld
                if !visit.hasMore { break }
            }
        } catch {
            if isSyncing { await noteSyncing(sync.account, false) }
            throw error
        }
        if isSyncing { await noteSyncing(sync.account, false) }
        // What is known is told; the rest is asked for again soon.
        if isHeld {
            throw MailClientError.unavailable(.pop3, text: "the server lists messages that it does not give now")
        }
        sync.board.update(sync.account) { status in
            status.lastContactAt = .now()
            status.lastCheckedAt = .now()
            status.mailboxes = 1
            status.remaining = 0
        }
    }

    /// As many batches as fit into a while, in one session: where somebody waits for it he has it in between.
    private func visit() async throws -> Visit {
        let sync = sync
        return try await sync.sessions.withPOP3(sync.account, deadline: .now + Limits.maildropTime) { session in
            let capabilities = await session.capabilities
            sync.board.update(sync.account) { status in
                status.maildrop = capabilities
                status.serverName = capabilities.implementation
            }
            let begun = ContinuousClock.now
            let maildrop = MaildropLook(
                session: session, store: sync.store, account: sync.account,
                newsSince: sync.newsSince)
            var visit = Visit()
            while true {
                let look = try await maildrop.run()
                let mailbox = look.enrolment.mailbox
                visit.isBackfilling = visit.isBackfilling || mailbox.cursor.isBackfilling
                visit.isHeld = look.isHeld
                visit.hasMore = look.hasMore
                if let change = look.change {
                    try await commit(change)
                    let left = change.index.cursor.backfill
                    sync.board.update(sync.account) { status in
                        status.remaining = left > 1 ? Int(left) - 1 : 0
                        status.lastContactAt = .now()
                    }
                    if mailbox.isNew { try await sync.store.sync.noteFirstSync(sync.lease) }
                }
                guard look.hasMore else { break }
                if session.isWantedByOthers || begun.duration(to: .now) > Limits.maildropTurn { return visit }
            }
            let due = try await due()
            if !due.isEmpty {
                visit.deleted = try await deleteSome(due, in: maildrop)
                visit.hasMore = due.count > Store.Limits.retentionBatch && !visit.deleted.isEmpty
            }
            return visit
        }
    }

    private func commit(_ change: MaildropChange) async throws {
        let account = sync.account
        let outcome = try await sync.store.maildrops.commit(change, sync.lease) { transitions in
            EventPlan.events(for: transitions, of: account)
        }
        if !outcome.events.isEmpty { sync.board.update(account) { $0.lastEventAt = .now() } }
    }

    /// What every account of POP3 has is no news, but is to be known.
    private func announceMailbox() async throws {
        let mailbox = try await sync.store.maildrops.mailbox(of: sync.account)
        guard mailbox.announced == nil else { return }
        var change = ListingChange()
        let facts = MailboxFacts(.maildrop(mailbox.id))
        change.created[ListedMailbox(path: mailbox.path, proposedID: mailbox.id)] = facts
        _ = try await sync.store.sync.commit(change, sync.lease) { _ in [] }
    }

    // MARK: Retention

    /// Only what the index has: nothing that was not told of, where it was to be.
    private func due() async throws -> [UInt32] {
        guard retention.rule != .keep else { return [] }
        let mailbox = try await sync.store.maildrops.mailbox(of: sync.account)
        let (now, next) = (Timestamp.now(), mailbox.cursor.uidNext)
        return try await sync.store.maildrops.retained(in: mailbox.number, of: sync.account, now: now)
            .filter { $0.uid < next && $0.fate(by: retention, now: now).state == .due }
            .map(\.uid)
    }

    /// One batch; those that cannot be deleted hold up no others.
    private func deleteSome(_ due: [UInt32], in maildrop: MaildropLook) async throws -> [UInt32] {
        for start in stride(from: 0, to: due.count, by: Store.Limits.retentionBatch) {
            let batch = due[start..<min(start + Store.Limits.retentionBatch, due.count)]
            let deleted = try await delete(Array(batch), in: maildrop)
            if !deleted.isEmpty { return deleted }
        }
        return []
    }

    /// Marks what is due; it is gone once the session's end is confirmed.
    ///
    /// Before that its header is read once more: were its unique id another message's by now, that would be deleted.
    private func delete(_ due: [UInt32], in maildrop: MaildropLook) async throws -> [UInt32] {
        // The same listing, with what this session's looks have noted of it.
        let enrolment = try await maildrop.enrolled()
        let here = enrolment.byUID
        let wanted = Dictionary(
            due.compactMap { here[$0] }.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        var strangers: [UInt32] = []
        let taken = try await maildrop.session.delete(wanted.keys.sorted()) { headers in
            var same: Set<Int> = []
            // What nobody has been able to read yet is not to go because somebody was told so, nor at all while that lasts.
            for (number, header) in headers {
                guard let message = wanted[number],
                    message.fingerprint != nil || retention.rule != .deleteAfterDelivery
                else { continue }
                switch message.sameness(MaildropMessage.fingerprint(header: header)) {
                case .same: same.insert(number)
                case .other: strangers.append(message.uid)
                default: break
                }
            }
            return same
        }
        for uid in strangers { try await sync.store.maildrops.disown(uid, in: enrolment.mailbox.number) }
        return taken.compactMap { wanted[$0]?.uid }
    }

    /// Only now, that they are gone for certain; after a crash before this the next look finds out.
    private func tell(deleted: [UInt32]) async throws {
        guard !deleted.isEmpty else { return }
        let known = try await sync.store.maildrops.mailbox(of: sync.account)
        var change = MailboxChange(known, cursor: known.cursor)
        change.vanished = deleted.sorted().map { $0...$0 }
        change.cursor.total -= min(change.cursor.total, UInt32(deleted.count))
        try await commit(MaildropChange(change))
    }
}
