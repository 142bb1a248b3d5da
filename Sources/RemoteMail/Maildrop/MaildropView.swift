import MIME
import MailClient
import Mapping
import Model
import Store

/// A maildrop in one session: its messages with what the index knows of them.
struct MaildropView: Sendable {
    let session: POP3Lease
    let account: AccountID
    let enrolment: Enrolment
    let keywords: [UInt32: [String]]
    let index: MailboxIndex
    let maildrops: MaildropRepository
    let changed: @Sendable (AccountID) -> Void

    var mailbox: MailboxID { enrolment.mailbox.id }

    func place(of message: EnrolledMessage) -> MessagePlace {
        MessagePlace(mailbox: mailbox, uidValidity: MaildropRepository.uidValidity, uid: message.uid)
    }

    /// Summaries of messages, with their ids; what is gone, or is another message than its unique id says, is left out.
    func summaries(of messages: [EnrolledMessage]) async throws -> [(message: Message, header: [UInt8])] {
        let headers = try await session.headers(of: messages.map(\.number))
        var read: [(message: Message, header: [UInt8])] = []
        var fingerprints: [UInt32: String] = [:]
        for enrolled in messages {
            guard let header = headers[enrolled.number] else { continue }
            guard try await isItself(enrolled, header: header) else { continue }
            if enrolled.fingerprint == nil { fingerprints[enrolled.uid] = MaildropMessage.fingerprint(header: header) }
            read.append((summary(of: enrolled, header: header), header))
        }
        try await maildrops.note(fingerprints: fingerprints, in: enrolment.mailbox.number)
        let identified = try await identified(read.map(\.message))
        return zip(identified, read).map { ($0, $1.header) }
    }

    func summary(of enrolled: EnrolledMessage, header: [UInt8]) -> Message {
        MaildropMessage.make(
            header: header, size: enrolled.size, keywords: keywords[enrolled.uid] ?? [], place: place(of: enrolled),
            seenAt: enrolled.seenAt)
    }

    /// Whether the message is the one that was met under its unique id before; if not, the next look meets it anew.
    func isItself(_ enrolled: EnrolledMessage, header: [UInt8]) async throws -> Bool {
        guard let known = enrolled.fingerprint, known != MaildropMessage.fingerprint(header: header) else {
            return true
        }
        try await maildrops.disown(enrolled.uid, in: enrolment.mailbox.number)
        changed(account)
        return false
    }

    /// Messages with the ids and conversations of the index; those that it lacks it has from now on.
    func identified(_ messages: [Message]) async throws -> [Message] {
        let seen = messages.compactMap { message in
            message.identity.flatMap { identity in
                message.place.map { place in
                    SeenMessage(
                        uid: place.uid, identity: identity, keywords: message.keywords,
                        receivedAt: message.receivedAt, size: message.size)
                }
            }
        }
        let known = try await index.adopt(
            seen, in: mailbox, uidValidity: MaildropRepository.uidValidity, of: account)
        return messages.map { message in
            guard let uid = message.place?.uid, let indexed = known[uid] else { return message }
            var message = message
            message.id = indexed.email
            message.threadID = indexed.thread
            return message
        }
    }
}
