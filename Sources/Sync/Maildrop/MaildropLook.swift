import MIME
import MailClient
import Mapping
import Model
import POP3
import Store

/// Looks into a maildrop in one session and says what is other than the store has it; it writes nothing but the UIDs of messages.
struct MaildropLook {
    /// What a look brought.
    struct Finding: Sendable {
        var change: MaildropChange
        /// There is more than one commit should take: look again.
        var hasMore = false
    }

    let session: POP3Lease
    let store: MailStore
    let account: AccountID
    /// Messages that came since then are news though they were there at the first look.
    let newsSince: Timestamp

    /// Nil where all is as the store has it.
    func run() async throws -> (finding: Finding?, mailbox: MailboxRecord) {
        let enrolment = try await enrolled()
        return (try await finding(enrolment), enrolment.mailbox)
    }

    /// The messages with their UIDs, the new ones among them.
    func enrolled() async throws -> Enrolment {
        let entries = try await session.listing().map {
            MaildropEntry(number: $0.number, size: $0.size, uniqueID: $0.uniqueID)
        }
        return try await store.maildrops.enrol(entries, of: account) { numbers in
            try await session.headers(of: numbers).mapValues { MaildropMessage.fingerprint(header: $0) }
        }
    }

    private func finding(_ enrolment: Enrolment) async throws -> Finding? {
        let mailbox = enrolment.mailbox
        var cursor = mailbox.cursor
        let total = UInt32(clamping: enrolment.messages.count)
        let end = (enrolment.messages.map(\.uid).max() ?? 0) + 1
        if mailbox.isNew {
            // The first look: only the cursor is taken, what is below it is read later, newest first.
            cursor = MailboxCursor(
                uidValidity: MaildropRepository.uidValidity, uidNext: end, total: total,
                backfill: enrolment.messages.isEmpty ? 0 : end)
            return Finding(change: MaildropChange(MailboxChange(mailbox, cursor: cursor)))
        }
        if cursor.isBackfilling { return try await backfill(enrolment) }
        var finding = Finding(change: MaildropChange(MailboxChange(mailbox, cursor: cursor)))
        var new = enrolment.messages.filter { $0.uid >= cursor.uidNext }.sorted { $0.uid < $1.uid }
        if new.count > Limits.maildropNews {
            new = Array(new.prefix(Limits.maildropNews))
            finding.hasMore = true
        }
        try await read(new, of: mailbox, into: &finding.change) { _ in true }
        finding.change.index.cursor.uidNext = max(cursor.uidNext, (new.last?.uid ?? 0) + 1)
        if !finding.hasMore {
            finding.change.index.vanished = try await vanished(enrolment)
            finding.change.index.cursor.total = total
        }
        return finding.change.index.isIdle ? nil : finding
    }

    /// One batch of what was there at the first look.
    private func backfill(_ enrolment: Enrolment) async throws -> Finding {
        let mailbox = enrolment.mailbox
        var finding = Finding(change: MaildropChange(MailboxChange(mailbox, cursor: mailbox.cursor)))
        let left = enrolment.messages.filter { $0.uid < mailbox.cursor.backfill }.sorted { $0.uid < $1.uid }
        let batch = Array(left.suffix(Limits.maildropBatch))
        finding.change.index.isBackfill = true
        try await read(batch, of: mailbox, into: &finding.change) { arrival in
            arrival.map { $0 >= newsSince } ?? false
        }
        let isLast = batch.count == left.count
        finding.change.index.cursor.backfill = isLast ? 0 : batch.first?.uid ?? 0
        finding.hasMore = true
        return finding
    }

    /// What the index has and the maildrop has not, also where its unique id is another message's now.
    private func vanished(_ enrolment: Enrolment) async throws -> [ClosedRange<UInt32>] {
        let here = Set(enrolment.messages.map(\.uid))
        let indexed = try await store.sync.knownUIDs(in: enrolment.mailbox.number)
        // Another node may have met messages that came after this session had listed.
        let next = enrolment.mailbox.cursor.uidNext
        return Set(indexed.filter { !here.contains($0) } + enrolment.missing).filter { $0 < next }.sorted()
            .map { $0...$0 }
    }

    /// `isNews` is asked with the time at which the receiving server says that it took the message.
    private func read(
        _ messages: [EnrolledMessage], of mailbox: MailboxRecord, into change: inout MaildropChange,
        isNews: (Timestamp?) -> Bool
    ) async throws {
        let headers = try await session.headers(of: messages.map(\.number))
        for enrolled in messages {
            guard let header = headers[enrolled.number] else { continue }
            let place = MessagePlace(
                mailbox: mailbox.id, uidValidity: MaildropRepository.uidValidity, uid: enrolled.uid)
            var message = MaildropMessage.make(
                header: header, size: enrolled.size, keywords: [], place: place,
                seenAt: enrolled.seenAt)
            guard let identity = message.identity else { continue }
            let isNew = isNews(MaildropMessage.arrival(header: header))
            if isNew { try await complete(&message, enrolled.number) }
            change.fingerprints[enrolled.uid] = MaildropMessage.fingerprint(header: header)
            change.index.arrived.append(
                ArrivedMessage(
                    uid: enrolled.uid, identity: identity, keywords: message.keywords, receivedAt: message.receivedAt,
                    size: message.size, isNews: isNew, summary: isNew ? message : nil))
        }
    }

    /// What an event shows besides the header: attachments, and the first words.
    private func complete(_ message: inout Message, _ number: Int) async throws {
        guard message.size <= Limits.maildropReadNews,
            let content = try await session.content(of: number, holding: Limits.maildropHeldNews)
        else { return }
        Summary.fill(&message, from: content.root, text: content.isWhole ? content.parsed : nil)
    }
}
