import IMAP
import MIME
import MailClient
import Mapping
package import Model

extension MailService {
    /// One attachment, decoded while it streams: by the server where it can (BINARY, RFC 3516), else here.
    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let place = try await withMessage(id, of: account, for: .reading, deadline: deadline) { session, key, _ in
            try await locate(part, key, in: session)
        }
        let tag = "\(id.rawValue)-\(part.rawValue)"
        switch place {
        case .missing: throw RemoteMailError.attachmentNotFound(part)
        case .octets(let octets, let node):
            return MessageContent(size: octets.count, type: type(of: node), name: node.fileName, tag: tag) {
                range, sink in
                try await sink(range.map { Array(octets[$0]) } ?? octets)
            }
        case .part(let node, let decodedSize):
            return MessageContent(
                // The decoded size is known beforehand only where nothing is encoded, or the server decodes.
                size: node.encoding.isIdentity ? node.size : decodedSize, type: type(of: node), name: node.fileName,
                tag: tag
            ) { range, sink in
                try await withMessage(id, of: account, for: .transferring, deadline: .now + Limits.transferTime) {
                    session, key, _ in
                    let partial = range.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
                    let section = Section(part: node.path)
                    let decoder = SequentialDecoder(decodedSize == nil ? node.encoding : .binary)
                    let received = try await session.stream(
                        section, of: key.uid, partial: partial, isBinary: decodedSize != nil
                    ) {
                        let decoded = decoder.decode($0)
                        if !decoded.isEmpty { try await sink(decoded) }
                    }
                    guard received != nil else { throw RemoteMailError.messageNotFound(id) }
                    let rest = decoder.finish()
                    if !rest.isEmpty { try await sink(rest) }
                }
            }
        }
    }

    /// Where an attachment is to be had.
    private enum Place: Sendable {
        case missing
        /// A part, with its decoded size where the server is the one to decode it.
        case part(PartNode, decodedSize: Int?)
        /// The server does not tell its parts: read out of the whole message.
        case octets([UInt8], PartNode)
    }

    private func locate(_ part: PartID, _ key: MessageKey, in session: IMAPLease) async throws -> Place {
        let fetched = try await fetchTolerantly(key, [.uid, .size, .bodyStructure], rawOctets: 1, in: session)
        guard let structure = fetched.bodyStructure else {
            return try await extract(part, key, size: fetched.size, in: session)
        }
        let node = PartTree.make(structure).part(number: part.rawValue)
        guard let node, !node.isMultipart else { return .missing }
        guard !node.encoding.isIdentity, await session.capabilities.contains(.binary) else {
            return .part(node, decodedSize: nil)
        }
        // NO [UNKNOWN-CTE] where the server cannot decode it (RFC 3516, 4.3): then it is done here, as far as it goes.
        let sizes = try await session.attempt(
            FetchCommand(.uids(UIDSet(key.uid)), items: [.uid, .binarySize(part: node.path)]))
        let size = sizes?.first { $0.uid == key.uid }?.extras?.binarySizes.first { $0.part == node.path }?.size
        return .part(node, decodedSize: size.flatMap { Int(exactly: $0) })
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

    private func type(of node: PartNode) -> String {
        guard let charset = node.charset, isToken(charset) else { return node.mediaType }
        return "\(node.mediaType); charset=\(charset)"
    }

    private func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !#"()<>@,;:\"/[]?={}"#.utf8.contains($0) }
    }
}
