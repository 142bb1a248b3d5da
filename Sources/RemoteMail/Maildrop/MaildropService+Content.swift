import MIME
import MailClient
import Mapping
package import Model
import Store
import Synchronization

extension MaildropService {
    /// The whole message as the server gives it (`message/rfc822`).
    ///
    /// Sizes in POP3's lists may be estimates; so a small message is read at once, which ends the session too. The size of a large one is
    /// found out by a reading of its own, where it is needed, as for a range.
    package func rawMessage(
        _ id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let (whole, size) = try await withMessage(id, of: account, deadline: deadline) {
            view, enrolled -> ([UInt8]?, Int?) in
            guard enrolled.size <= Limits.heldContent || needsSize else { return (nil, nil) }
            let content = try await view.session.content(of: enrolled.number, holding: 2 * Limits.heldContent)
            guard let content, try await view.isItself(enrolled, header: content.parsed.raw) else {
                throw RemoteMailError.messageNotFound(id)
            }
            return (content.isWhole ? content.parsed.raw : nil, content.size)
        }
        if let whole {
            return MessageContent(size: whole.count, type: "message/rfc822", name: nil, tag: id.rawValue) {
                range, sink in
                try await sink(range.map { Array(whole[$0]) } ?? whole)
            }
        }
        return MessageContent(
            size: size, acceptsRanges: true, type: "message/rfc822", name: nil, tag: id.rawValue
        ) { range, sink in
            try await withMessage(id, of: account, deadline: .now + Limits.transferTime) { view, enrolled in
                guard try await view.session.stream(range, of: enrolled.number, sink) else {
                    throw RemoteMailError.messageNotFound(id)
                }
            }
        }
    }

    /// One attachment, decoded while it streams.
    ///
    /// `needsSize` also where that costs the server a reading of its own, as a range of what is encoded in a large message does.
    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        let (content, index, decodedSize) = try await withMessage(id, of: account, deadline: deadline) {
            view, enrolled -> (MaildropContent, Int, Int?) in
            let content = try await view.session.content(of: enrolled.number, holding: Limits.heldContent)
            guard let content, try await view.isItself(enrolled, header: content.parsed.raw) else {
                throw RemoteMailError.messageNotFound(id)
            }
            guard let index = content.parsed.index(number: part.rawValue), !content.parsed.parts[index].node.isMultipart
            else { throw RemoteMailError.attachmentNotFound(part) }
            guard needsSize, !content.isWhole, !content.parsed.parts[index].node.encoding.isIdentity else {
                return (content, index, nil)
            }
            let size = Atomic(0)
            let decoding = DecodedPart(content.parsed.parts[index], at: content, range: nil)
            try await decoding.stream(in: view, enrolled, id) { size.add($0.count, ordering: .relaxed) }
            return (content, index, size.load(ordering: .relaxed))
        }
        let found = content.parsed.parts[index]
        let tag = "\(id.rawValue)-\(part.rawValue)"
        if content.isWhole {
            let octets = content.parsed.content(of: index)
            return MessageContent(
                size: octets.count, type: found.node.contentTypeField, name: found.node.fileName, tag: tag
            ) { range, sink in
                try await sink(range.map { Array(octets[$0]) } ?? octets)
            }
        }
        let size = found.node.encoding.isIdentity ? content.range(of: found).count : decodedSize
        return MessageContent(
            size: size, acceptsRanges: true, type: found.node.contentTypeField, name: found.node.fileName, tag: tag
        ) { range, sink in
            let decoding = DecodedPart(found, at: content, range: range)
            try await withMessage(id, of: account, deadline: .now + Limits.transferTime) { view, enrolled in
                try await decoding.stream(in: view, enrolled, id, sink)
            }
        }
    }
}

/// The content of a part of a message that is not held, on its way from the server, decoded.
private struct DecodedPart: Sendable {
    let encoding: TransferEncoding
    /// Where it lies in the message.
    let place: Range<Int>
    /// What is wanted of it, decoded.
    let range: Range<Int>?

    init(_ part: MessagePart, at content: MaildropContent, range: Range<Int>?) {
        encoding = part.node.encoding
        place = content.range(of: part)
        self.range = range
    }

    func stream(
        in view: MaildropView, _ message: EnrolledMessage, _ id: EmailID,
        _ sink: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        let decoder = SequentialDecoder(encoding)
        let offset = Atomic(0)
        let pass: @Sendable ([UInt8]) async throws -> Void = { octets in
            let start = offset.add(octets.count, ordering: .relaxed).oldValue
            let piece = range.map { octets.piece(of: $0, at: start) } ?? octets
            if !piece.isEmpty { try await sink(piece) }
        }
        let isThere = try await view.session.stream(place, of: message.number) { try await pass(decoder.decode($0)) }
        guard isThere else { throw RemoteMailError.messageNotFound(id) }
        try await pass(decoder.finish())
    }
}
