import IMAP
import Logging
import MailClient
import Mapping
import Model
import Store

/// One look at all mailboxes of an account, in a session that hears nothing meanwhile.
struct AccountPass {
    /// What the watch goes on with.
    struct Result: Sendable {
        /// The mailbox whose news are heard; it is selected.
        var watched: Target
        var needsBackfill: Bool
    }

    /// A mailbox with what we have of it.
    struct Target: Sendable {
        var name: MailboxName
        var record: MailboxRecord
        var observed: ObservedMailbox
        var unread: UInt32?
    }

    let sync: AccountSync
    let session: IMAPLease
    let tier: SyncTier

    /// `isThorough` believes no number that says nothing happened.
    func run(isThorough: Bool) async throws -> Result {
        let firstSynced = try await sync.store.sync.firstSynced(sync.account)
        let (targets, watched, deleted) = try await mailboxes(firstSynced)
        var changes: [MailboxChange] = []
        var resets: [MailboxRecord] = []
        // The watched one comes last, and so stays selected.
        for target in targets where target.record.number != watched.record.number {
            try await look(at: target, isThorough, firstSynced, &changes, &resets)
        }
        let isSelected = await session.selected?.name == watched.name
        try await look(at: watched, isThorough || !isSelected, firstSynced, &changes, &resets)
        try await sync.commit(changes, deleted: deleted, resets: resets)
        if firstSynced == nil { try await sync.store.sync.noteFirstSync(sync.lease) }
        let records = try await sync.store.sync.mailboxes(of: sync.account)
        var now = watched
        now.record = records.first { $0.number == watched.record.number } ?? watched.record
        if await session.selected?.name != watched.name {
            try await session.execute(SelectCommand(watched.name, readOnly: true, condStore: tier != .plain))
        }
        let numbers = Set(targets.map(\.record.number))
        let unread = records.filter { numbers.contains($0.number) && $0.cursor.isBackfilling }
        sync.board.update(sync.account) { status in
            status.lastContactAt = .now()
            status.lastCheckedAt = .now()
            status.mailboxes = records.count
            // The reading tells more exactly once it is on its way; before, nobody must believe that all is read.
            if status.remaining == 0 { status.remaining = unread.reduce(0) { $0 + Int($1.cursor.total) } }
        }
        return Result(watched: now, needsBackfill: !unread.isEmpty)
    }

    /// Looks until there is nothing more; what fills a commit by itself is stored at once.
    private func look(
        at target: Target, _ isThorough: Bool, _ firstSynced: Timestamp?, _ changes: inout [MailboxChange],
        _ resets: inout [MailboxRecord]
    ) async throws {
        var target = target
        var isThorough = isThorough
        while true {
            guard let finding = try await finding(in: target, isThorough, firstSynced) else { return }
            if finding.isReset { resets.append(target.record) }
            changes.append(finding.change)
            guard finding.hasMore else { return }
            try await sync.commit(changes, resets: resets)
            (changes, resets) = ([], [])
            isThorough = true
            let number = target.record.number
            guard
                let record = try await sync.store.sync.mailboxes(of: sync.account).first(where: { $0.number == number })
            else { return }
            target.record = record
        }
    }

    /// What is new in one mailbox; a mailbox that cannot be opened is left for the next pass.
    private func finding(
        in target: Target, _ isThorough: Bool, _ firstSynced: Timestamp?
    ) async throws -> MailboxLook.Finding? {
        let (store, number) = (sync.store, target.record.number)
        let look = MailboxLook(
            session: session, name: target.name, record: target.record, tier: tier, comparesUIDs: isThorough
        ) {
            try await store.sync.knownUIDs(in: number)
        }
        var finding: MailboxLook.Finding
        do {
            guard let found = try await look.run(target.observed, isThorough: isThorough) else { return nil }
            finding = found
        } catch {
            // Gone between LIST and SELECT, a dead shared root, no permission: the others go on.
            guard case .rejected(_, let code, let text)? = error as? MailClientError else { throw error }
            sync.logger.debug(
                "a mailbox cannot be read",
                metadata: [
                    "account": "\(sync.account)", "mailbox": "\(target.record.id)", "code": "\(code ?? "")",
                    "text": "\(text)",
                ])
            return nil
        }
        finding.change.cursor.unread = target.unread ?? finding.change.cursor.unread
        let isLate = sync.isLate(target.record, firstSynced: firstSynced)
        let isBeginning = finding.change.cursor.isBackfilling && finding.change.cursor != target.record.cursor
        if isBeginning, finding.isReset || isLate, finding.change.cursor.total <= UInt32(Limits.backfillBatch) {
            try await readAtOnce(target, firstSynced, &finding)
        }
        return finding.change.isIdle ? nil : finding
    }

    /// What was moved here, or restored, is to be seen in the same commit as its disappearance elsewhere.
    private func readAtOnce(
        _ target: Target, _ firstSynced: Timestamp?, _ finding: inout MailboxLook.Finding
    ) async throws {
        var record = target.record
        record.cursor = finding.change.cursor
        let reader = BackfillReader(
            session: session, record: record, newsSince: sync.newsSince(record, firstSynced: firstSynced))
        finding.change.arrived = try await reader.read(try await reader.remaining())
        finding.change.cursor.backfill = 0
        finding.change.endsReset = finding.isReset
    }
}

extension ObservedMailbox {
    init(_ status: MailboxStatus?) {
        self.init(
            uidValidity: status?.uidValidity, uidNext: status?.uidNext, messages: status?.messages,
            modificationSequence: status?.highestModificationSequence)
    }
}

extension MailboxChange {
    /// Whether there is nothing to write: all is as it was.
    var isIdle: Bool {
        arrived.isEmpty && vanished.isEmpty && keywords.isEmpty && !endsReset && cursor == mailbox.cursor
            && !mailbox.isNew
    }
}
