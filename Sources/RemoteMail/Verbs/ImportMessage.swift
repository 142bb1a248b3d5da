import IMAP
import MIME
import MailClient
import Mapping
package import Model

extension MailService {
    /// Puts a message into a mailbox as it is; only bare line feeds become CRLF, which servers insist on.
    ///
    /// Nil where it was stored and the server does not tell under which UID.
    package func importMessage(
        _ octets: [UInt8], into mailbox: MailboxReference, keywords: [String], receivedAt: Timestamp?,
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        let flags = try flags(Dictionary(keywords.map { ($0, true) }, uniquingKeysWith: { first, _ in first })).added
        let target = try await self.mailbox(mailbox, of: account, deadline: deadline)
        let message = try importable(octets)
        return try await withMailbox(target, of: account, for: .changing, deadline: deadline) { session, validity in
            let limit = await session.capabilities.values(of: "APPENDLIMIT=").first.flatMap { Int($0) }
            if let limit, message.count > limit { throw RemoteMailError.tooLarge(limit: limit) }
            let stored: AppendCommand.Result
            do {
                stored = try await session.execute(
                    AppendCommand(
                        to: target.name, flags: flags, internalDate: receivedAt?.milliseconds, message: message))
            } catch MailClientError.rejected(_, let code, _) where code == "TOOBIG" {
                throw RemoteMailError.tooLarge(limit: limit)
            }
            changed(account)
            var uid = stored.uidValidity == validity ? stored.uid : nil
            if uid == nil, let messageID = Headers(parsing: message).messageID {
                try await session.execute(NoopCommand())
                uid = try await newest(messageID, in: session)
            }
            guard let uid else { return nil }
            // A session that had the mailbox selected before learns of the new message only when asked.
            try await session.execute(NoopCommand())
            return try await summary(
                MessageKey(mailbox: target.mailbox.id, uidValidity: validity, uid: uid), of: account, in: session)
        }
    }

    /// A message as IMAP can carry it, or the reason why it is none.
    private func importable(_ octets: [UInt8]) throws(RemoteMailError) -> [UInt8] {
        func refuse(_ detail: String) -> RemoteMailError { .invalid([FieldFault(pointer: "", detail: detail)]) }
        // RFC 9051, 4.3.1: no literal holds NUL, and BINARY's literal8 is for parts that are encoded so.
        if let place = octets.firstIndex(of: 0) {
            throw refuse("holds a NUL octet at \(place), which no IMAP server can store")
        }
        guard octets.first != UInt8(ascii: "\r"), octets.first != UInt8(ascii: "\n"),
            !Headers(parsing: octets).fields.isEmpty
        else { throw refuse("does not begin with a header") }
        var message: [UInt8] = []
        message.reserveCapacity(octets.count + octets.count / 32)
        var last: UInt8 = 0
        for octet in octets {
            if octet == UInt8(ascii: "\n"), last != UInt8(ascii: "\r") { message.append(UInt8(ascii: "\r")) }
            message.append(octet)
            last = octet
        }
        return message
    }
}
