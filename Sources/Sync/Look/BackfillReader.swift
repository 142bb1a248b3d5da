import IMAP
import MailClient
import Mapping
import Model
import Store

/// Reads what a mailbox held before it was first looked at: newest first, some thousand messages at a time.
struct BackfillReader {
    let session: IMAPLease
    let record: MailboxRecord
    /// Messages that came since then are announced all the same: they came between the account and our first look.
    let newsSince: Timestamp

    /// UIDs still to be read, of which the largest come first.
    func remaining() async throws -> UIDSet {
        guard record.cursor.isBackfilling else { return UIDSet() }
        let below = UIDSet(1...(record.cursor.backfill - 1))
        let found = try await session.execute(SearchCommand(.messages(.uids(below)))).all ?? UIDSet()
        return UIDSet(
            ranges: found.ranges.compactMap { range in
                range.lowerBound >= record.cursor.backfill
                    ? nil : range.lowerBound...min(range.upperBound, record.cursor.backfill - 1)
            })
    }

    /// One batch as it goes into the index.
    ///
    /// After a reset everything is news that the old rows do not know, and must come with all that its event shows.
    func read(_ uids: UIDSet) async throws -> [ArrivedMessage] {
        let reader = SummaryReader(
            session: session, mailbox: record.id, uidValidity: record.cursor.uidValidity)
        let isReset = record.cursor.generation > 0
        let readings = try await reader.read(
            uids, isReset ? SummaryReader.complete : SummaryReader.identifying)
        let late = isReset ? [] : readings.filter { $0.message.receivedAt >= newsSince }.map(\.uid)
        let news = late.isEmpty ? [] : try await reader.read(UIDSet(late), SummaryReader.complete)
        let summaries = Dictionary(
            (isReset ? readings : news).map { ($0.uid, $0.message) }, uniquingKeysWith: { first, _ in first })
        return readings.map { reading in
            ArrivedMessage(
                uid: reading.uid, identity: reading.identity, keywords: reading.message.keywords,
                receivedAt: reading.message.receivedAt, size: reading.message.size,
                isNews: summaries[reading.uid] != nil, summary: summaries[reading.uid])
        }
    }
}
