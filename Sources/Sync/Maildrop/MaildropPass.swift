import MailClient
import Mapping
import Model
import POP3
import Store

/// Brings the index up to date with a maildrop, then lets retention delete what is due.
struct MaildropPass {
    let sync: AccountSync
    let retention: Retention
    /// Told when the first reading begins and ends.
    let noteSyncing: @Sendable (AccountID, Bool) async -> Void

    func run() async throws {
        try await announceMailbox()
        var isSyncing = false
        do {
            while true {
                let state = try await look()
                if state.isBackfilling, !isSyncing { await noteSyncing(sync.account, true) }
                isSyncing = state.isBackfilling || isSyncing
                if !state.hasMore { break }
            }
        } catch {
            if isSyncing { await noteSyncing(sync.account, false) }
            throw error
        }
        if isSyncing { await noteSyncing(sync.account, false) }
        try await deleteDue()
        sync.board.update(sync.account) { status in
            status.lastContactAt = .now()
            status.lastCheckedAt = .now()
            status.mailboxes = 1
            status.remaining = 0
        }
    }

    /// As many batches as fit into a while, in one session: where somebody waits for it he has it in between.
    private func look() async throws -> (hasMore: Bool, isBackfilling: Bool) {
        let sync = sync
        return try await sync.sessions.withPOP3(sync.account, deadline: .now + Limits.maildropTime) { session in
            let capabilities = await session.capabilities
            sync.board.update(sync.account) { status in
                status.maildrop = capabilities.names.sorted()
                status.serverName = capabilities.implementation
            }
            let begun = ContinuousClock.now
            var isBackfilling = false
            while true {
                let look = MaildropLook(
                    session: session, store: sync.store, account: sync.account,
                    newsSince: sync.newsSince)
                let (finding, mailbox) = try await look.run()
                isBackfilling = isBackfilling || mailbox.cursor.isBackfilling
                guard let finding else { return (false, isBackfilling) }
                try await commit(finding.change)
                let left = finding.change.index.cursor.backfill
                sync.board.update(sync.account) { status in
                    status.remaining = left > 1 ? Int(left) - 1 : 0
                    status.lastContactAt = .now()
                }
                let hasMore = finding.hasMore || mailbox.isNew
                if mailbox.isNew { try await sync.store.sync.noteFirstSync(sync.lease) }
                if !hasMore { return (false, isBackfilling) }
                if session.isWantedByOthers || begun.duration(to: .now) > Limits.maildropTurn {
                    return (true, isBackfilling)
                }
            }
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

    /// Deletes what is due, in a session of its own whose end is confirmed, and tells of it.
    ///
    /// Before a message is marked its header is read once more: were its unique id another message's by now, that would be deleted.
    private func deleteDue() async throws {
        guard retention.rule != .keep else { return }
        let mailbox = try await sync.store.maildrops.mailbox(of: sync.account)
        while true {
            let due = try await due(in: mailbox)
            guard !due.isEmpty else { return }
            let sync = sync
            let deleted = try await sync.sessions.withPOP3(
                sync.account, deletes: true, deadline: .now + Limits.maildropTime
            ) { session -> [UInt32] in
                let look = MaildropLook(session: session, store: sync.store, account: sync.account, newsSince: .now())
                let here = try await look.enrolled().byUID
                let wanted = Dictionary(
                    due.compactMap { here[$0] }.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
                var strangers: [UInt32] = []
                let taken = try await session.delete(wanted.keys.sorted()) { number, header in
                    guard let message = wanted[number], let known = message.fingerprint else { return false }
                    if known == MaildropMessage.fingerprint(header: header) { return true }
                    strangers.append(message.uid)
                    return false
                }
                for uid in strangers { try await sync.store.maildrops.disown(uid, in: mailbox.number) }
                return taken.compactMap { wanted[$0]?.uid }
            }
            guard !deleted.isEmpty else { return }
            // Only now, that they are gone for certain; after a crash before this the next look finds out.
            let known = try await sync.store.maildrops.mailbox(of: sync.account)
            var change = MailboxChange(known, cursor: known.cursor)
            change.vanished = deleted.sorted().map { $0...$0 }
            change.cursor.total -= min(change.cursor.total, UInt32(deleted.count))
            try await commit(MaildropChange(change))
            if due.count < Store.Limits.retentionBatch { return }
        }
    }

    /// Only what the index has: nothing that was not told of, where it was to be.
    private func due(in mailbox: MailboxRecord) async throws -> [UInt32] {
        let (now, next) = (Timestamp.now(), mailbox.cursor.uidNext)
        return try await sync.store.maildrops.retained(in: mailbox.number, of: sync.account, now: now)
            .filter { $0.uid < next && $0.fate(by: retention, now: now).state == .due }
            .prefix(Store.Limits.retentionBatch).map(\.uid)
    }
}
