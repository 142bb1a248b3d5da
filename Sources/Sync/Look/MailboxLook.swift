import IMAP
import MailClient
import Mapping
import Model
import Store

/// Looks into one mailbox and says what is other than the store has it; it writes nothing.
struct MailboxLook {
    /// What a look brought.
    struct Finding: Sendable {
        var change: MailboxChange
        /// There is more than one commit should take: look again.
        var hasMore = false
        /// UIDVALIDITY is another: the mailbox is read anew.
        var isReset = false
    }

    let session: IMAPLease
    let name: MailboxName
    let record: MailboxRecord
    let tier: SyncTier
    /// Whether UIDs are compared even where the server tells what vanished: now and then nobody is believed.
    var comparesUIDs = false
    /// Rows that the store has; asked for only where UIDs are compared.
    let knownUIDs: @Sendable () async throws -> [UInt32]

    private var cursor: MailboxCursor { record.cursor }

    /// Nil where all is as the store has it.
    func run(_ observed: ObservedMailbox, isThorough: Bool) async throws -> Finding? {
        let plan = SyncPlan.decide(cursor, isNew: record.isNew, observed, tier, isThorough: isThorough)
        switch plan {
        case .nothing: return nil
        case .first, .reset: return try await begin()
        case .resync(let since):
            var finding = try await resync(since)
            if comparesUIDs, !finding.isReset { try await compareUIDs(&finding.change) }
            return finding
        case .changes(let since, let comparesUIDs):
            guard let selected = try await select() else { return try await begin() }
            var finding = try await changed(since, wantsVanished: false, selected)
            if comparesUIDs { try await compareUIDs(&finding.change) }
            return try await withArrivals(finding, selected)
        case .compare(let comparesUIDs, let comparesFlags):
            guard let selected = try await select() else { return try await begin() }
            var finding = Finding(change: MailboxChange(record, cursor: cursor))
            if comparesUIDs { try await compareUIDs(&finding.change) }
            if comparesFlags { try await compareFlags(selected, &finding.change) }
            return try await withArrivals(finding, selected)
        }
    }

    // MARK: Selecting

    /// The mailbox as it is now; nil where its UIDVALIDITY is not the one we know.
    private func select() async throws -> SelectedMailbox? {
        if let selected = await session.selected, selected.name == name {
            // What waits to be told is told before this is answered.
            try await session.execute(NoopCommand())
        } else {
            try await session.execute(SelectCommand(name, readOnly: true, condStore: tier != .plain))
        }
        guard let selected = await session.selected, selected.name == name else {
            throw MailClientError.disconnected(.imap, text: nil)
        }
        return selected.uidValidity ?? cursor.uidValidity == cursor.uidValidity ? selected : nil
    }

    /// The first look, and the first after a reset: only the cursor is taken, everything below it is read later.
    private func begin() async throws -> Finding {
        let selected = try await session.execute(SelectCommand(name, readOnly: true, condStore: tier != .plain))
        let isReset = cursor.uidValidity != 0 && selected.uidValidity != cursor.uidValidity
        let end = try await end(of: selected)
        var next = MailboxCursor(
            uidValidity: selected.uidValidity ?? 1, uidNext: end,
            modificationSequence: selected.highestModificationSequence, total: selected.exists,
            unread: cursor.unread, backfill: selected.exists == 0 ? 0 : end, generation: cursor.generation)
        // What was not read yet cannot be told from what is new: that generation announces by date, as a first look does.
        if isReset { next.generation = (abs(cursor.generation) + 1) * (cursor.isBackfilling ? -1 : 1) }
        return Finding(change: MailboxChange(record, cursor: next), isReset: isReset && !record.isNew)
    }

    /// UIDNEXT, which old servers do not tell.
    private func end(of selected: SelectedMailbox) async throws -> UInt32 {
        if let next = selected.uidNext { return next }
        guard selected.exists > 0 else { return 1 }
        let found = try await session.execute(SearchCommand(.all, returning: [.maximum]))
        return (found.maximum ?? found.all?.last ?? 0) + 1
    }

    // MARK: What changed

    private func resync(_ since: UInt64) async throws -> Finding {
        if let selected = await session.selected, selected.name == name {
            guard let now = try await select() else { return try await begin() }
            return try await withArrivals(try await changed(since, wantsVanished: true, now), now)
        }
        let known = cursor.uidNext > 1 ? UIDSet(1...(cursor.uidNext - 1)) : nil
        let result = try await session.execute(
            ResyncCommand(
                name, readOnly: true, uidValidity: cursor.uidValidity, since: since, knownUIDs: known))
        guard result.mailbox.uidValidity ?? cursor.uidValidity == cursor.uidValidity else { return try await begin() }
        var finding = Finding(change: MailboxChange(record, cursor: cursor))
        take(result.changed, &finding.change)
        finding.change.vanished = result.vanished.ranges
        if let sequence = result.mailbox.highestModificationSequence {
            finding.change.cursor.modificationSequence = sequence
        }
        return try await withArrivals(finding, result.mailbox)
    }

    private func changed(
        _ since: UInt64, wantsVanished: Bool, _ selected: SelectedMailbox
    ) async throws -> Finding {
        var finding = Finding(change: MailboxChange(record, cursor: cursor))
        let result = try await session.execute(FetchChangesCommand(since: since, wantsVanished: wantsVanished))
        take(result.changed, &finding.change)
        finding.change.vanished = result.vanished.ranges
        // Everything up to the largest number that was told has been told.
        let told = result.changed.compactMap(\.modificationSequence).max() ?? 0
        finding.change.cursor.modificationSequence = max(since, told, selected.highestModificationSequence ?? 0)
        return finding
    }

    private func take(_ changed: [FetchedMessage], _ change: inout MailboxChange) {
        for item in changed {
            guard let uid = item.uid, uid < cursor.uidNext, let flags = item.flags else { continue }
            change.keywords.append((uid, Keywords.list(of: flags)))
        }
    }

    /// Finds what was removed, and what should have been seen and was not, by the UIDs alone.
    private func compareUIDs(_ change: inout MailboxChange) async throws {
        let here = try await session.execute(SearchCommand(.all)).all ?? UIDSet()
        let known = try await knownUIDs().filter { $0 < cursor.uidNext }
        change.vanished += UIDSet(known.filter { !here.contains($0) }).ranges
        let indexed = UIDSet(known)
        let missed = UIDSet(
            ranges: here.ranges.compactMap { range in
                let low = max(range.lowerBound, max(cursor.backfill, 1))
                let high = min(range.upperBound, cursor.uidNext == 0 ? 0 : cursor.uidNext - 1)
                return low <= high ? low...high : nil
            }
        ).numbers.filter { !indexed.contains($0) }
        guard !missed.isEmpty else { return }
        change.arrived += try await arrivals(UIDSet(missed.prefix(Limits.messagesInLook)))
    }

    /// Servers without CONDSTORE do not tell whose flags changed while we were away: the newest messages are looked through.
    private func compareFlags(_ selected: SelectedMailbox, _ change: inout MailboxChange) async throws {
        guard selected.exists > 0 else { return }
        let first = selected.exists > UInt32(Limits.flagWindow) ? selected.exists - UInt32(Limits.flagWindow) + 1 : 1
        take(
            try await session.execute(FetchCommand(.sequences(.from(first)), items: [.uid, .flags])), &change)
    }

    // MARK: What is new

    private func withArrivals(_ finding: Finding, _ selected: SelectedMailbox) async throws -> Finding {
        var finding = finding
        let exists = await session.selected?.exists ?? selected.exists
        let begin = max(cursor.uidNext, 1)
        var uids = UIDSet.from(begin)
        // Where the count says that few are new they are asked for at once, without asking first which.
        let looksMany = Int(exists) - Int(cursor.total) > Limits.messagesInLook
        if looksMany || !finding.change.vanished.isEmpty {
            let found = try await session.execute(SearchCommand(.messages(.uids(.from(begin))))).all ?? UIDSet()
            uids = UIDSet(
                ranges: found.ranges.compactMap { range in
                    range.upperBound < begin ? nil : max(range.lowerBound, begin)...range.upperBound
                })
            if uids.count > Limits.messagesInLook {
                uids = uids.chunked(size: Limits.messagesInLook)[0]
                finding.hasMore = true
            }
        }
        let arrived = exists == 0 || uids.isEmpty ? [] : try await arrivals(uids)
        finding.change.arrived += arrived
        let last = arrived.last.map { $0.uid + 1 } ?? begin
        if finding.hasMore {
            // The rest comes with the next look, from where the cursor then is.
            finding.change.cursor.uidNext = max(last, (uids.last ?? 0) + 1)
            finding.change.cursor.modificationSequence = cursor.modificationSequence
        } else {
            finding.change.cursor.uidNext = max(begin, last, uids.last == .max ? 0 : (uids.last ?? 0) + 1)
            finding.change.cursor.total = exists
        }
        return finding
    }

    private func arrivals(_ uids: UIDSet) async throws -> [ArrivedMessage] {
        let reader = SummaryReader(session: session, mailbox: record.id, uidValidity: cursor.uidValidity)
        let readings =
            uids.last == .max
            ? try await reader.read(from: uids.first ?? 1, SummaryReader.complete)
            : try await reader.read(uids, SummaryReader.complete)
        return readings.map { reading in
            ArrivedMessage(
                uid: reading.uid, identity: reading.identity, keywords: reading.message.keywords,
                receivedAt: reading.message.receivedAt, size: reading.message.size, isNews: true,
                summary: reading.message)
        }
    }
}
