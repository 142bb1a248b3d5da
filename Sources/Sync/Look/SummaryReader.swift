import IMAP
import MailClient
import Mapping
import Model

/// Reads summaries of messages and what identifies them.
struct SummaryReader {
    /// One message as far as it could be read.
    struct Reading: Sendable {
        var uid: UInt32
        var message: Message
        var identity: MessageIdentity
    }

    let session: IMAPLease
    let mailbox: MailboxID
    let uidValidity: UInt32

    /// What identifies a message and its conversation.
    static let identifying: [FetchItem] =
        [
            .uid, .flags, .internalDate, .size, .envelope,
        ] + Summary.identifying
    /// All that an event shows.
    static let complete: [FetchItem] = identifying + [.bodyStructure, .preview]

    /// The messages from a UID on, of which there are few: one round trip, unless one of them needs more than that.
    func read(from uid: UInt32, _ items: [FetchItem]) async throws -> [Reading] {
        let fetched: [FetchedMessage]
        do {
            fetched = try await session.execute(FetchCommand(.uids(.from(uid)), items: items))
        } catch {
            guard case .rejected = error else { throw error }
            let found = try await session.execute(SearchCommand(.messages(.uids(.from(uid))))).all ?? UIDSet()
            return try await read(found, items)
        }
        // The last message answers to `n:*` even where it is before n (RFC 9051, 9).
        let new = fetched.filter { ($0.uid ?? 0) >= uid }
        let isWhole = new.allSatisfy { $0.envelope != nil && $0.bodyStructure != nil && $0.problems.isEmpty }
        return isWhole ? readings(new) : try await read(UIDSet(new.compactMap(\.uid)), items)
    }

    /// In UID order; what is not there any more is left out, what cannot be read as it should says so in its `problems`.
    func read(_ uids: UIDSet, _ items: [FetchItem]) async throws -> [Reading] {
        guard !uids.isEmpty else { return [] }
        return readings(try await TolerantFetch(session, items).messages(uids).filter { uids.contains($0.uid ?? 0) })
    }

    private func readings(_ fetched: [FetchedMessage]) -> [Reading] {
        var byUID: [UInt32: FetchedMessage] = [:]
        for item in fetched {
            guard let uid = item.uid else { continue }
            // Twice, or spread over several responses with others between: some servers do (Yahoo).
            var known = byUID[uid] ?? item
            if byUID[uid] != nil { known.merge(item) }
            byUID[uid] = known
        }
        return byUID.sorted { $0.key < $1.key }.compactMap { uid, item in
            Summary.make(item, in: mailbox, uidValidity: uidValidity).flatMap { message in
                message.identity.map { Reading(uid: uid, message: message, identity: $0) }
            }
        }
    }
}
