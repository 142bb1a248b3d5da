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
        var enrolment: Enrolment
        /// Nil where all is as the store has it.
        var change: MaildropChange?
        /// There is more than one commit should take: look again.
        var hasMore = false
        /// The server lists messages that it does not give now: what they are is told when it does.
        var isHeld = false
    }

    let session: POP3Lease
    let store: MailStore
    let account: AccountID
    /// Messages that came since then are news though they were there at the first look.
    let newsSince: Timestamp

    func run() async throws -> Finding {
        let enrolment = try await enrolled()
        var finding = Finding(enrolment: enrolment)
        let isReading = enrolment.mailbox.isNew || enrolment.mailbox.cursor.isBackfilling
        if isReading, enrolment.isPartial {
            // What is left out now would be news when it is met, or be passed over.
            finding.isHeld = true
        } else if enrolment.mailbox.isNew {
            begin(&finding)
        } else if enrolment.mailbox.cursor.isBackfilling {
            try await backfill(&finding)
        } else {
            try await news(&finding)
        }
        return finding
    }

    /// The messages with their UIDs, the new ones among them.
    func enrolled() async throws -> Enrolment {
        let entries = try await session.listing().map {
            MaildropEntry(number: $0.number, size: $0.size, uniqueID: $0.uniqueID)
        }
        return try await store.maildrops.enrol(
            entries, of: account, isGivenUp: { session.isGivenUp($0.number) },
            fingerprint: { try await session.fingerprints(of: $0, MaildropMessage.fingerprint) })
    }

    /// The first look: only the cursor is taken, what is below it is read later, newest first.
    private func begin(_ finding: inout Finding) {
        let messages = finding.enrolment.messages
        let end = (messages.map(\.uid).max() ?? 0) + 1
        let cursor = MailboxCursor(
            uidValidity: MaildropRepository.uidValidity, uidNext: end, total: UInt32(clamping: messages.count),
            backfill: messages.isEmpty ? 0 : end)
        finding.change = MaildropChange(MailboxChange(finding.enrolment.mailbox, cursor: cursor))
        finding.hasMore = true
    }

    /// What came since the last look, and what is gone since.
    private func news(_ finding: inout Finding) async throws {
        let (enrolment, mailbox) = (finding.enrolment, finding.enrolment.mailbox)
        var change = MaildropChange(MailboxChange(mailbox, cursor: mailbox.cursor))
        // One that has its number already, and cannot be told from others now, is told of before those behind it.
        let held = enrolment.isPartial ? enrolment.missing.filter { $0 >= mailbox.cursor.uidNext }.min() : nil
        let new = enrolment.messages.filter { $0.uid >= mailbox.cursor.uidNext && $0.uid < held ?? .max }
            .sorted { $0.uid < $1.uid }
        let batch = Array(new.prefix(Limits.maildropNews))
        let headers = try await session.headers(of: batch.map(\.number))
        let told = batch.prefix { isReadable($0, headers) }
        try await read(told, headers, of: mailbox, into: &change) { _ in true }
        change.index.cursor.uidNext = max(mailbox.cursor.uidNext, (told.last?.uid ?? 0) + 1)
        finding.isHeld = told.count < batch.count || enrolment.isPartial
        finding.hasMore = batch.count < new.count && told.count == batch.count
        if !finding.hasMore, !enrolment.isPartial {
            change.index.vanished = try await vanished(enrolment)
            change.index.cursor.total = UInt32(clamping: enrolment.messages.count)
        }
        finding.change = change.index.isIdle ? nil : change
    }

    /// One batch of what was there at the first look, newest first.
    private func backfill(_ finding: inout Finding) async throws {
        let (enrolment, mailbox) = (finding.enrolment, finding.enrolment.mailbox)
        var change = MaildropChange(MailboxChange(mailbox, cursor: mailbox.cursor))
        change.index.isBackfill = true
        let left = enrolment.messages.filter { $0.uid < mailbox.cursor.backfill }.sorted { $0.uid > $1.uid }
        let batch = Array(left.prefix(Limits.maildropBatch))
        let headers = try await session.headers(of: batch.map(\.number))
        let told = batch.prefix { isReadable($0, headers) }
        try await read(told, headers, of: mailbox, into: &change) { arrival in arrival.map { $0 >= newsSince } ?? false
        }
        finding.isHeld = told.count < batch.count
        let isLast = told.count == left.count
        change.index.cursor.backfill = isLast ? 0 : told.last?.uid ?? mailbox.cursor.backfill
        finding.hasMore = !finding.isHeld
        finding.change = change
    }

    /// Whether it can be told of now: its header is there, or the server has not given that for so long that it is told of without.
    private func isReadable(_ message: EnrolledMessage, _ headers: [Int: [UInt8]]) -> Bool {
        headers[message.number] != nil || session.isGivenUp(message.number)
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
        _ messages: some Sequence<EnrolledMessage>, _ headers: [Int: [UInt8]], of mailbox: MailboxRecord,
        into change: inout MaildropChange, isNews: (Timestamp?) -> Bool
    ) async throws {
        for enrolled in messages {
            let header = headers[enrolled.number]
            let place = MessagePlace(
                mailbox: mailbox.id, uidValidity: MaildropRepository.uidValidity, uid: enrolled.uid)
            var message =
                header.map {
                    MaildropMessage.make(
                        header: $0, size: enrolled.size, keywords: [], place: place, seenAt: enrolled.seenAt)
                }
                ?? MaildropMessage.make(
                    unread: enrolled.name, size: enrolled.size, place: place, seenAt: enrolled.seenAt)
            guard let identity = message.identity else { continue }
            let isNew = isNews(header.flatMap(MaildropMessage.arrival))
            if isNew { try await complete(&message, enrolled.number) }
            change.fingerprints[enrolled.uid] = header.map(MaildropMessage.fingerprint)
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
