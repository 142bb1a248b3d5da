import IMAP
import MIME
import MailClient
import Mapping
import Model

/// Reads summaries of messages and what identifies them, and lives with those that cannot be read as they should.
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
    static let identifying: [FetchItem] = [
        .uid, .flags, .internalDate, .size, .envelope, .emailID, .threadID, .gmailMessageID, .gmailThreadID,
        Summary.references,
    ]
    /// All that an event shows.
    static let complete: [FetchItem] = identifying + [.bodyStructure, .preview]

    /// In UID order; what is not there any more is left out.
    func read(_ uids: UIDSet, _ items: [FetchItem]) async throws -> [Reading] {
        let fetched: [FetchedMessage]
        do {
            fetched = try await session.execute(FetchCommand(.uids(uids), items: items))
        } catch {
            // What was asked for is gone: success without an answer (server-quirks). Else one message spoils it for all.
            guard case .rejected(_, let code, _) = error else { throw error }
            if code == "NONEXISTENT" { return [] }
            return try await readOneByOne(uids, items)
        }
        var byUID: [UInt32: FetchedMessage] = [:]
        for item in fetched {
            guard let uid = item.uid, uids.contains(uid) else { continue }
            // Twice, or spread over several responses with others between: some servers do (Yahoo).
            var known = byUID[uid] ?? item
            if byUID[uid] != nil { known.merge(item) }
            byUID[uid] = known
        }
        var readings: [Reading] = []
        for (_, item) in byUID.sorted(by: { $0.key < $1.key }) {
            guard let reading = try await reading(item) else { continue }
            readings.append(reading)
        }
        return readings
    }

    /// One message spoils the answer for all: each half is asked for by itself, and in the end that message alone.
    private func readOneByOne(_ uids: UIDSet, _ items: [FetchItem]) async throws -> [Reading] {
        if uids.count > 1 {
            var rest = uids
            let upper = rest.removeLast(uids.count / 2)
            return try await read(rest, items) + read(upper, items)
        }
        guard let uid = uids.first else { return [] }
        let known = try? await session.execute(
            FetchCommand(.uids(uids), items: [.uid, .flags, .internalDate, .size, .body(.header)]))
        var item = known?.first { $0.uid == uid } ?? FetchedMessage(sequence: 0)
        item.uid = uid
        return [try await reading(item, isUnreadable: true)].compactMap { $0 }
    }

    private func reading(_ item: FetchedMessage, isUnreadable: Bool = false) async throws -> Reading? {
        guard let uid = item.uid, var message = Summary.make(item, in: mailbox, uidValidity: uidValidity) else {
            return nil
        }
        if isUnreadable { message.problems.append("unreadable-message") }
        if item.envelope == nil || item.problems.contains(where: { $0.item.uppercased() == "ENVELOPE" }) {
            let bytes: [UInt8]?
            if let held = item.bytes(of: .header) {
                bytes = held
            } else {
                let again = try? await session.execute(
                    FetchCommand(.uids(UIDSet(uid)), items: [.uid, .body(.header)]))
                bytes = again?.first { $0.uid == uid }?.bytes(of: .header)
            }
            if let bytes { Summary.fill(&message, from: Headers(parsing: bytes)) }
        }
        return Reading(uid: uid, message: message, identity: MessageIdentity(of: message, item.extras))
    }
}
