import IMAP
import MIME
import MailClient
import Mapping
package import Model

extension MailService {
    /// One attachment, decoded while it streams.
    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let fetched = try await withMessage(id, of: account, for: .reading, deadline: deadline) { session, key, _ in
            try await fetch(key, [.uid, .bodyStructure], in: session)
        }
        guard let structure = fetched.bodyStructure,
            let node = PartTree.make(structure).part(number: part.rawValue), !node.isMultipart
        else { throw RemoteMailError.attachmentNotFound(part) }
        var type = node.mediaType
        if let charset = node.charset, isToken(charset) { type += "; charset=\(charset)" }
        return MessageContent(
            // The decoded size is known beforehand only where nothing is encoded.
            size: node.encoding.isIdentity ? node.size : nil, type: type, name: node.fileName,
            tag: "\(id.rawValue)-\(part.rawValue)"
        ) { range, sink in
            try await withMessage(id, of: account, for: .readingOnce, deadline: .now + Limits.transferTime) {
                session, key, _ in
                let partial = range.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
                let decoder = SequentialDecoder(node.encoding)
                let received = try await session.stream(Section(part: node.path), of: key.uid, partial: partial) {
                    let decoded = decoder.decode($0)
                    if !decoded.isEmpty { try await sink(decoded) }
                }
                guard received != nil else { throw RemoteMailError.messageNotFound(id) }
                let rest = decoder.finish()
                if !rest.isEmpty { try await sink(rest) }
            }
        }
    }

    private func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !#"()<>@,;:\"/[]?={}"#.utf8.contains($0) }
    }
}
