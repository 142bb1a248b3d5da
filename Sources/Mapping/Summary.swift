package import IMAP
package import MIME
package import Model

/// What one FETCH says of a message, as the API shows it: everything but bodies.
package enum Summary {
    /// The FETCH items a summary is made of.
    package static let items = FetchItem.summary + identifying
    /// What tells a message from others, besides what ENVELOPE and the size say.
    package static let identifying: [FetchItem] = [
        .emailID, .threadID, .gmailMessageID, .gmailThreadID, references,
    ]
    /// The one field of a summary that ENVELOPE has not.
    package static let references = FetchItem.body(Section(.headerFields(["References"])))

    /// Nil for a response that names no UID: it is not about a message anybody can ask for again.
    package static func make(_ fetched: FetchedMessage, in mailbox: MailboxID, uidValidity: UInt32) -> Message? {
        guard let uid = fetched.uid else { return nil }
        var message = Message(
            id: EmailID(rawValue: ""), mailboxIDs: [mailbox],
            keywords: Keywords.list(of: fetched.flags ?? []), size: Int(clamping: fetched.size ?? 0),
            receivedAt: Timestamp(milliseconds: fetched.internalDate ?? 0))
        if let envelope = fetched.envelope { fill(&message, from: envelope) }
        if let structure = fetched.bodyStructure { fill(&message, from: PartTree.make(structure)) }
        if let extras = fetched.extras {
            message.preview = extras.preview.map { Preview.of(text: $0) }
            message.savedAt = extras.saveDate.map(Timestamp.init(milliseconds:))
        }
        for section in fetched.sections {
            guard let bytes = section.bytes, case .headerFields = section.section.kind else { continue }
            message.references = Headers(parsing: bytes).references
        }
        fill(&message, insteadFrom: fetched)
        message.problems += fetched.problems.map { "unreadable-\($0.item.lowercased())" }
        let identity = MessageIdentity(of: message, fetched.extras)
        message.place = MessagePlace(mailbox: mailbox, uidValidity: uidValidity, uid: uid)
        message.identity = identity
        message.id = identity.email
        message.threadID = identity.thread.thread
        return message
    }

    /// Reads from the message's own octets what the server could not tell of it, where they came along.
    private static func fill(_ message: inout Message, insteadFrom fetched: FetchedMessage) {
        if fetched.bodyStructure == nil, let bytes = fetched.bytes(of: .message) {
            let parsed = ParsedMessage(parsing: bytes)
            fill(&message, from: parsed.root)
            if fetched.envelope == nil { fill(&message, from: parsed.headers) }
        } else if fetched.envelope == nil, let bytes = fetched.bytes(of: .header) {
            fill(&message, from: Headers(parsing: bytes))
        }
    }

    /// Attachments as RFC 8621 counts them.
    package static func fill(_ message: inout Message, from tree: PartNode) {
        let selection = BodySelection(tree)
        message.hasAttachment = selection.hasAttachment
        message.protections = MessageProtection.find(in: tree)
        message.attachments = selection.attachments.map { part in
            Attachment(
                id: PartID(rawValue: part.number), name: part.fileName, type: part.mediaType,
                size: part.estimatedDecodedSize, isInline: part.disposition?.kind == "inline" || part.contentID != nil,
                contentID: part.contentID, charset: part.charset)
        }
    }

    /// What only the whole header tells: what filters, servers and lists wrote into it.
    package static func fillTrust(
        _ message: inout Message, from headers: Headers, believing authorities: AuthenticationAuthorities
    ) {
        message.spam = SpamVerdict(reading: headers)
        message.authentication = AuthenticationReport(reading: headers, believing: authorities)
        message.list = MailingList(reading: headers)
        message.hasSignature = headers.first("DKIM-Signature") != nil
    }

    /// Attachments, and first words where the text is there.
    package static func fill(_ message: inout Message, from tree: PartNode, text parsed: ParsedMessage?) {
        fill(&message, from: tree)
        guard let parsed else { return }
        func text(_ parts: [PartNode], _ type: String) -> String? {
            parts.first { $0.mediaType == type }.flatMap { parsed.index(number: $0.number) }
                .map { parsed.text(of: $0).text }
        }
        if let plain = text(parsed.selection.textBody, "text/plain") {
            message.preview = Preview.of(text: plain)
        } else if let html = text(parsed.selection.htmlBody, "text/html") {
            message.preview = Preview.of(html: html)
        }
    }

    /// What the header says, read from its octets: better than ENVELOPE, which some servers fill badly (Lark, BlueMind).
    package static func fill(_ message: inout Message, from headers: Headers) {
        message.subject = headers.subject
        message.from = headers.from.map(correspondent)
        message.sender = headers.sender.map(correspondent)
        message.to = headers.to.map(correspondent)
        message.cc = headers.cc.map(correspondent)
        message.bcc = headers.bcc.map(correspondent)
        message.replyTo = headers.replyTo.map(correspondent)
        message.messageID = headers.messageID
        message.inReplyTo = headers.inReplyTo
        message.references = headers.references
        message.sentAt = headers.date.map { Timestamp(milliseconds: $0.millisecondsSinceEpoch) }
    }

    private static func correspondent(_ address: EmailAddress) -> Correspondent {
        Correspondent(name: address.name, email: address.email)
    }

    private static func fill(_ message: inout Message, from envelope: Envelope) {
        let headers = Headers(
            fields: [
                field("Subject", envelope.subject), field("Date", envelope.date),
                field("Message-ID", envelope.messageID), field("In-Reply-To", envelope.inReplyTo),
            ].compactMap { $0 })
        message.subject = headers.subject
        message.sentAt = headers.date.map { Timestamp(milliseconds: $0.millisecondsSinceEpoch) }
        message.messageID = headers.messageID
        message.inReplyTo = headers.inReplyTo
        message.from = correspondents(envelope.from)
        message.to = correspondents(envelope.to)
        message.cc = correspondents(envelope.cc)
        message.bcc = correspondents(envelope.bcc)
        // RFC 9051, 7.5.2: the server fills these two with From where the message has none; the API tells what is there.
        message.sender = envelope.sender == envelope.from ? [] : correspondents(envelope.sender)
        message.replyTo = envelope.replyTo == envelope.from ? [] : correspondents(envelope.replyTo)
    }

    private static func field(_ name: String, _ value: String?) -> HeaderField? {
        value.map { HeaderField(name: name, rawValue: Array($0.utf8)) }
    }

    /// Addresses without the markers that open and close a group.
    private static func correspondents(_ addresses: [EnvelopeAddress]) -> [Correspondent] {
        addresses.compactMap { address in
            guard let host = address.host else { return nil }
            // Courier and old Exchange write a missing domain so.
            let isMissing = host.isEmpty || host == ".MISSING-HOST-NAME." || host == "MISSING_DOMAIN"
            let mailbox = address.mailbox ?? ""
            return Correspondent(
                name: address.name.flatMap { decoded($0) }, email: isMissing ? mailbox : "\(mailbox)@\(host)")
        }
    }

    private static func decoded(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        guard EncodedWord.isMentioned(in: text) else { return text }
        return Headers().text(of: HeaderField(name: "Subject", rawValue: Array(text.utf8)))
    }
}
