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
        try await importMessage(
            MessageUpload(octets), into: mailbox, keywords: keywords, receivedAt: receivedAt, of: account,
            deadline: deadline)
    }

    /// The same for one that is not held: read once to know it, and once while it is sent.
    package func importMessage(
        _ upload: MessageUpload, into mailbox: MailboxReference, keywords: [String], receivedAt: Timestamp?,
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        let flags = try flags(Dictionary(keywords.map { ($0, true) }, uniquingKeysWith: { first, _ in first })).added
        let target = try await self.mailbox(mailbox, of: account, deadline: deadline)
        let survey = try await UploadSurvey(upload)
        let headers = try header(of: survey)
        let size = upload.size + survey.bareLineFeeds
        return try await withMailbox(target, of: account, for: .changing, deadline: deadline) { session, validity in
            let limit = await session.capabilities.values(of: "APPENDLIMIT=").first.flatMap { Int($0) }
            if let limit, size > limit { throw RemoteMailError.tooLarge(limit: limit) }
            let repaired = RepairedUpload(upload)
            let append = AppendCommand(
                to: target.name, flags: flags, internalDate: receivedAt?.milliseconds,
                message: LiteralSource(size: size) { try await repaired.next() },
                hasEightBitHeader: survey.hasEightBitHeader)
            let stored: AppendCommand.Result
            do {
                stored = try await session.execute(append, extra: .seconds(size / Limits.uploadRate))
            } catch MailClientError.rejected(_, let code, _) where code == "TOOBIG" {
                throw RemoteMailError.tooLarge(limit: limit)
            }
            changed(account)
            var uid = stored.uidValidity == validity ? stored.uid : nil
            if uid == nil, let messageID = headers.messageID {
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

    /// The header of a message that IMAP can carry, or the reason why it is none.
    private func header(of survey: UploadSurvey) throws(RemoteMailError) -> Headers {
        func refuse(_ detail: String) -> RemoteMailError { .invalid([FieldFault(pointer: "", detail: detail)]) }
        // RFC 9051, 4.3.1: no literal holds NUL, and BINARY's literal8 is for parts that are encoded so.
        if let place = survey.firstNUL {
            throw refuse("holds a NUL octet at \(place), which no IMAP server can store")
        }
        let headers = Headers(parsing: survey.head)
        guard survey.head.first != UInt8(ascii: "\r"), survey.head.first != UInt8(ascii: "\n"), !headers.fields.isEmpty
        else { throw refuse("does not begin with a header") }
        return headers
    }
}
