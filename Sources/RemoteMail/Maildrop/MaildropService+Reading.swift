import MIME
import MailClient
import Mapping
package import Model
import Store

extension MaildropService {
    /// One message with the bodies and header fields asked for, and what retention will make of it.
    package func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        var (message, uid, mailbox) = try await withMessage(id, of: account, deadline: deadline) { view, enrolled in
            guard let content = try await view.session.content(of: enrolled.number, holding: Limits.heldContent) else {
                throw RemoteMailError.messageNotFound(id)
            }
            guard try await view.isItself(enrolled, header: content.parsed.raw) else {
                throw RemoteMailError.messageNotFound(id)
            }
            if enrolled.fingerprint == nil {
                let fingerprint = MaildropMessage.fingerprint(header: content.parsed.raw)
                try await view.maildrops.note(
                    fingerprints: [enrolled.uid: fingerprint], in: view.enrolment.mailbox.number)
            }
            var message = view.summary(of: enrolled, header: content.parsed.raw)
            message = try await view.identified([message]).first ?? message
            message.id = id
            let headers = content.parsed.headers
            Summary.fillTrust(&message, from: headers, believing: options.authorities)
            message.headers = headers.named(options.headers)
            Summary.fill(&message, from: content.root, text: content.isWhole ? content.parsed : nil)
            let bodies = MaildropBodies(content: content, session: view.session, number: enrolled.number)
            try await bodies.read(options, into: &message)
            return (message, enrolled.uid, view.enrolment.mailbox.number)
        }
        if options.marksSeen, !message.keywords.contains("$seen") {
            message.keywords = try await setKeywords(["$seen": true], on: [id], of: account)[id] ?? message.keywords
        }
        if let retention = try await retention(account) {
            message.retention = try await maildrops.retained(in: mailbox, of: account, uids: [uid]).first
                .map { $0.fate(by: retention, now: .now()) }
        }
        return message
    }
}

/// The bodies of a message that was read: from what is held, else by reading it once more for their octets alone.
private struct MaildropBodies {
    let content: MaildropContent
    let session: POP3Lease
    let number: Int

    func read(_ options: MessageOptions, into message: inout Message) async throws {
        let selection = content.parsed.selection
        let texts = options.wantsText ? shown(selection.textBody, as: "text/plain") : []
        let htmls = options.wantsHTML ? shown(selection.htmlBody, as: "text/html") : []
        guard !texts.isEmpty || !htmls.isEmpty else { return }
        let limit = options.maxBodyBytes ?? Limits.bodyOctets
        let ranges = (texts + htmls).map { part in
            let range = content.range(of: part)
            return range.lowerBound..<min(range.upperBound, range.lowerBound + limit + 1)
        }
        let pieces: [[UInt8]]
        if content.isWhole {
            pieces = ranges.map { Array(content.parsed.raw[$0]) }
        } else {
            guard let read = try await session.pieces(ranges, of: number) else { return }
            pieces = read
        }
        message.text = join(texts, Array(pieces.prefix(texts.count)), limit, &message)
        message.html = join(htmls, Array(pieces.dropFirst(texts.count)), limit, &message)
        if let text = message.text {
            message.preview = Preview.of(text: text)
        } else if let html = message.html {
            message.preview = Preview.of(html: html)
        }
    }

    private func shown(_ parts: [PartNode], as type: String) -> [MessagePart] {
        parts.filter { $0.mediaType == type }.prefix(Limits.bodyParts).compactMap { node in
            content.parsed.index(number: node.number).map { content.parsed.parts[$0] }
        }
    }

    /// Nil where the message has no such body.
    private func join(_ parts: [MessagePart], _ pieces: [[UInt8]], _ limit: Int, _ message: inout Message) -> String? {
        guard !parts.isEmpty else { return nil }
        return zip(parts, pieces).map { part, octets in
            if octets.count > limit { message.isTruncated = true }
            let decoded = PartText(decoding: Array(octets.prefix(limit)), of: part.node)
            message.problems += decoded.problems.map(\.rawValue).sorted().filter { !message.problems.contains($0) }
            return decoded.text
        }.joined(separator: "\n")
    }
}

extension Headers {
    /// The fields of these names, lower case, in message order; `*` names all.
    fileprivate func named(_ names: [String]) -> [(name: String, value: String)] {
        guard !names.isEmpty else { return [] }
        let wanted = Set(names)
        return fields.filter { wanted.contains("*") || wanted.contains($0.name.lowercased()) }
            .map { (name: $0.name, value: text(of: $0)) }
    }
}
