import IMAP
import MIME
import MailClient
import Mapping
package import Model

extension MailService {
    /// One attachment, decoded while it streams: by the server where it can (BINARY, RFC 3516), but a whole one in base64 here.
    ///
    /// Dovecot reads a part twice before the first octet of BINARY, and takes longer for it than for what is encoded.
    ///
    /// `needsSize` also where that costs the server a reading of its own, as a range of what is encoded does.
    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let place = try await withMessage(id, of: account, for: .reading, deadline: deadline) { session, key, _ in
            try await locate(part, key, needsSize: needsSize, in: session)
        }
        let tag = "\(id.rawValue)-\(part.rawValue)"
        switch place {
        case .missing: throw RemoteMailError.attachmentNotFound(part)
        case .octets(let octets, let node):
            return MessageContent(size: octets.count, type: node.contentTypeField, name: node.fileName, tag: tag) {
                range, sink in
                try await sink(range.map { Array(octets[$0]) } ?? octets)
            }
        case .part(let node, let isBinary, let size):
            return MessageContent(
                size: size, acceptsRanges: size != nil || isBinary, type: node.contentTypeField, name: node.fileName,
                tag: tag
            ) { range, sink in
                try await withMessage(id, of: account, for: .transferring, deadline: .now + Limits.transferTime) {
                    session, key, _ in
                    let transfer = PartTransfer(session: session, uid: key.uid, node: node, range: range, sink: sink)
                    // What has been sized by the server must come from it, and base64 is the one encoding of which every reader makes
                    // the same octets, so that a range may go on where a whole one broke off.
                    let isWhole = size == nil && range == nil && node.encoding == .base64
                    guard try await transfer.run(isBinary: isBinary && !isWhole) else {
                        throw RemoteMailError.messageNotFound(id)
                    }
                }
            }
        }
    }

    /// Where an attachment is to be had.
    private enum Place: Sendable {
        case missing
        /// A part, and whether the server is to decode it.
        case part(PartNode, isBinary: Bool, size: Int?)
        /// The server does not tell its parts: read out of the whole message.
        case octets([UInt8], PartNode)
    }

    private func locate(
        _ part: PartID, _ key: MessageKey, needsSize: Bool, in session: IMAPLease
    ) async throws -> Place {
        let fetched = try await fetchTolerantly(key, [.uid, .size, .bodyStructure], rawOctets: 1, in: session)
        guard let structure = fetched.bodyStructure else {
            return try await extract(part, key, size: fetched.size, in: session)
        }
        let node = PartTree.make(structure).part(number: part.rawValue)
        guard let node, !node.isMultipart else { return .missing }
        if node.encoding.isIdentity { return .part(node, isBinary: false, size: node.size) }
        guard await session.capabilities.contains(.binary) else { return .part(node, isBinary: false, size: nil) }
        guard needsSize else { return .part(node, isBinary: true, size: nil) }
        // NO [UNKNOWN-CTE] where the server cannot decode it (RFC 3516, 4.3): then it is done here, as far as it goes.
        let sizes = try await session.attempt(
            FetchCommand(.uids(UIDSet(key.uid)), items: [.uid, .binarySize(part: node.path)]))
        let size = sizes?.first { $0.uid == key.uid }?.extras?.binarySizes.first { $0.part == node.path }?.size
        return .part(node, isBinary: size != nil, size: size.flatMap { Int(exactly: $0) })
    }

    private func extract(
        _ part: PartID, _ key: MessageKey, size: UInt64?, in session: IMAPLease
    ) async throws -> Place {
        guard let size, size <= UInt64(Limits.repairedAttachments) else {
            throw MailClientError.unsupported(.imap, feature: "a readable BODYSTRUCTURE of this large message")
        }
        let fetched = try await fetch(key, [.uid, .body(.message)], in: session)
        guard let octets = fetched.bytes(of: .message) else { return .missing }
        let parsed = ParsedMessage(parsing: octets)
        guard let index = parsed.index(number: part.rawValue), !parsed.parts[index].node.isMultipart else {
            return .missing
        }
        return .octets(parsed.content(of: index), parsed.parts[index].node)
    }
}

extension PartNode {
    /// The value of a Content-Type field.
    var contentTypeField: String {
        guard let charset, isToken(charset) else { return mediaType }
        return "\(mediaType); charset=\(charset)"
    }

    private func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !#"()<>@,;:\"/[]?={}"#.utf8.contains($0) }
    }
}
