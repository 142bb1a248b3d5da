import IMAP
import MIME
import MailClient
import Mapping
package import Model

extension MailService {
    /// One message with the bodies and header fields asked for; attachments are named, not downloaded.
    package func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        try await withMessage(
            id, of: account, for: options.marksSeen ? .changing : .reading, deadline: deadline
        ) { session, key, _ in
            var message = try await identified(try await read(key, options: options, in: session), of: account)
            message.id = id
            if options.marksSeen, !message.keywords.contains("$seen") {
                _ = try await session.execute(StoreCommand(.uids(UIDSet(key.uid)), .add, [.seen]))
                changed(account)
                message.keywords = (message.keywords + ["$seen"]).sorted()
            }
            return message
        }
    }

    func read(_ key: MessageKey, options: MessageOptions, in session: IMAPLease) async throws -> Message {
        let fetched = try await fetchTolerantly(
            key,
            [.uid, .flags, .internalDate, .saveDate, .size, .bodyStructure, .body(.header)]
                + [.emailID, .threadID, .gmailMessageID, .gmailThreadID],
            rawOctets: Limits.repairedWhole, in: session)
        guard var message = Summary.make(fetched, in: key.mailbox, uidValidity: key.uidValidity) else {
            throw RemoteMailError.messageNotFound(key.id)
        }
        if let bytes = fetched.bytes(of: .header) ?? fetched.bytes(of: .message) {
            let headers = Headers(parsing: bytes)
            Summary.fill(&message, from: headers)
            Summary.fillTrust(&message, from: headers, believing: options.authorities)
            message.headers = requested(options.headers, of: headers)
            message.problems += headers.problems.map(\.rawValue).sorted()
        }
        if let structure = fetched.bodyStructure {
            try await readBodies(of: PartTree.make(structure), key, options, in: session, into: &message)
        } else if let bytes = fetched.bytes(of: .message) {
            readBodies(of: ParsedMessage(parsing: bytes), options, into: &message)
            if bytes.count < message.size { message.isTruncated = true }
        }
        return message
    }

    /// From the message itself, where the server cannot tell its parts.
    private func readBodies(of parsed: ParsedMessage, _ options: MessageOptions, into message: inout Message) {
        let selection = parsed.selection
        let limit = options.maxBodyBytes ?? Limits.bodyOctets
        func join(_ parts: [PartNode]) -> String? {
            let texts = parts.compactMap { part -> String? in
                guard let index = parsed.index(number: part.number) else { return nil }
                var octets = parsed.encodedContent(of: index)
                if octets.count > limit {
                    octets.removeLast(octets.count - limit)
                    message.isTruncated = true
                }
                return PartText(decoding: octets, of: part).text
            }
            return texts.isEmpty ? nil : texts.joined(separator: "\n")
        }
        if options.wantsText { message.text = join(shown(selection.textBody, as: "text/plain")) }
        if options.wantsHTML { message.html = join(shown(selection.htmlBody, as: "text/html")) }
        if let text = message.text {
            message.preview = Preview.of(text: text)
        } else if let html = message.html {
            message.preview = Preview.of(html: html)
        }
    }

    /// All the parts that are shown, in one FETCH.
    private func readBodies(
        of tree: PartNode, _ key: MessageKey, _ options: MessageOptions, in session: IMAPLease,
        into message: inout Message
    ) async throws {
        let selection = BodySelection(tree)
        let texts = options.wantsText ? shown(selection.textBody, as: "text/plain") : []
        let htmls = options.wantsHTML ? shown(selection.htmlBody, as: "text/html") : []
        guard !texts.isEmpty || !htmls.isEmpty else { return }
        let limit = options.maxBodyBytes ?? Limits.bodyOctets
        let items = (texts + htmls).map { part in
            // One octet more than wanted shows whether there are more.
            FetchItem.body(Section(part: part.path), partial: 0..<UInt64(limit + 1))
        }
        let fetched = try await fetch(key, [.uid] + items, in: session)
        message.text = join(texts, of: fetched, limit: limit, into: &message)
        message.html = join(htmls, of: fetched, limit: limit, into: &message)
        if let text = message.text {
            message.preview = Preview.of(text: text)
        } else if let html = message.html {
            message.preview = Preview.of(html: html)
        }
    }

    private func shown(_ parts: [PartNode], as type: String) -> [PartNode] {
        Array(parts.filter { $0.mediaType == type }.prefix(Limits.bodyParts))
    }

    /// Nil where the message has no such body.
    private func join(
        _ parts: [PartNode], of fetched: FetchedMessage, limit: Int, into message: inout Message
    ) -> String? {
        guard !parts.isEmpty else { return nil }
        var texts: [String] = []
        for part in parts {
            guard var bytes = fetched.bytes(of: Section(part: part.path)) else { continue }
            if bytes.count > limit {
                bytes.removeLast(bytes.count - limit)
                message.isTruncated = true
            }
            let decoded = PartText(decoding: bytes, of: part)
            texts.append(decoded.text)
            message.problems += decoded.problems.map(\.rawValue).sorted().filter { !message.problems.contains($0) }
        }
        return texts.joined(separator: "\n")
    }

    private func requested(_ names: [String], of headers: Headers) -> [(name: String, value: String)] {
        guard !names.isEmpty else { return [] }
        let wanted = Set(names.map { $0.lowercased() })
        return headers.fields
            .filter { wanted.contains("*") || wanted.contains($0.name.lowercased()) }
            .map { (name: $0.name, value: headers.text(of: $0)) }
    }
}

extension PartNode {
    /// The part's number as IMAP's section; empty for a number that is none.
    var path: [Int] { number.split(separator: ".").compactMap { Int($0) } }
}
