import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// The whole message as the server keeps it (`message/rfc822`).
    package func rawMessage(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let fetched = try await withMessage(id, of: account, for: .reading, deadline: deadline) { session, key, _ in
            try await fetch(key, [.uid, .size], in: session)
        }
        return MessageContent(
            size: fetched.size.map { Int(clamping: $0) }, type: "message/rfc822", name: nil, tag: id.rawValue
        ) { range, sink in
            try await withMessage(id, of: account, for: .transferring, deadline: .now + Limits.transferTime) {
                session, key, _ in
                guard try await session.stream(.message, of: key.uid, partial: range.map(octets), sink) != nil else {
                    throw RemoteMailError.messageNotFound(id)
                }
            }
        }
    }

    private func octets(_ range: Range<Int>) -> Range<UInt64> {
        UInt64(range.lowerBound)..<UInt64(range.upperBound)
    }
}
