import IMAP
import Logging
import MailClient
import Model
import Store

/// Reads what mailboxes held before they were first looked at, in sessions of the account's pool, while the watch goes on.
///
/// Each batch is stored with its place, so a backfill that was cut short goes on where it was.
struct Backfill {
    let sync: AccountSync
    /// How the server calls a mailbox whose path we know.
    let names: [Int64: MailboxName]

    /// The watched mailbox first, then as they come.
    func run(first number: Int64) async throws {
        let firstSynced = try await sync.store.sync.firstSynced(sync.account)
        let records = try await sync.store.sync.mailboxes(of: sync.account).filter(\.cursor.isBackfilling)
        for record in records.sorted(by: { $0.number == number && $1.number != number }) {
            guard let name = names[record.number] else { continue }
            do {
                try await read(record, name, firstSynced)
            } catch {
                guard case .rejected? = error as? MailClientError else { throw error }
                sync.logger.debug(
                    "a mailbox cannot be read", metadata: ["mailbox": "\(record.id)", "error": "\(error)"])
            }
        }
        sync.board.update(sync.account) { $0.remaining = 0 }
        if !records.isEmpty { await sync.store.sync.refreshStatistics() }
    }

    private func read(_ record: MailboxRecord, _ name: MailboxName, _ firstSynced: Timestamp?) async throws {
        let newsSince = sync.newsSince(record, firstSynced: firstSynced)
        let isLate = sync.isLate(record, firstSynced: firstSynced)
        var record = record
        var left = try await inMailbox(name, record) { session, record in
            try await BackfillReader(session: session, record: record, newsSince: newsSince).remaining()
        }
        var batch = left.removeLast(Limits.backfillBatch)
        var pending = try await arrivals(batch, record, name, newsSince)
        while true {
            // The next batch is read while this one is stored.
            let next = left.removeLast(Limits.backfillBatch)
            let (current, state) = (record, left)
            async let reading = next.isEmpty ? [] : arrivals(next, current, name, newsSince)
            var change = MailboxChange(current, cursor: current.cursor)
            change.arrived = pending
            change.isBackfill = !isLate && current.cursor.generation <= 0
            change.cursor.backfill = next.isEmpty ? 0 : batch.first ?? 0
            change.endsReset = next.isEmpty && current.cursor.generation != 0
            let stored = try await store(change)
            sync.board.update(sync.account) { $0.remaining = state.count + next.count }
            pending = try await reading
            guard let stored, !next.isEmpty else { return }
            record = stored
            batch = next
        }
    }

    /// Only the place of the backfill is this job's: the watch moves the rest of the cursor meanwhile.
    private func store(_ change: MailboxChange) async throws -> MailboxRecord? {
        let records = try await sync.store.sync.mailboxes(of: sync.account)
        // Another UIDVALIDITY, or deleted: what was read means nothing.
        guard let now = records.first(where: { $0.number == change.mailbox.number }),
            now.cursor.generation == change.mailbox.cursor.generation,
            now.cursor.uidValidity == change.mailbox.cursor.uidValidity
        else { return nil }
        var merged = change
        merged.mailbox = now
        merged.cursor = now.cursor
        merged.cursor.backfill = change.cursor.backfill
        try await sync.commit([merged])
        var stored = now
        stored.cursor = merged.cursor
        return stored
    }

    private func arrivals(
        _ uids: UIDSet, _ record: MailboxRecord, _ name: MailboxName, _ newsSince: Timestamp
    ) async throws -> [ArrivedMessage] {
        guard !uids.isEmpty else { return [] }
        return try await inMailbox(name, record) { session, record in
            try await BackfillReader(session: session, record: record, newsSince: newsSince).read(uids)
        }
    }

    private func inMailbox<Value: Sendable>(
        _ name: MailboxName, _ record: MailboxRecord,
        _ body: @Sendable (IMAPLease, MailboxRecord) async throws -> Value
    ) async throws -> Value {
        try await sync.sessions.withIMAP(
            sync.account, mailbox: name, readOnly: true, isRepeatable: true, deadline: .now + Limits.lookTime
        ) { session in
            guard await session.selected?.uidValidity == record.cursor.uidValidity else { throw SyncError.mailboxGone }
            return try await body(session, record)
        }
    }
}
