import MIME
package import Model

/// A message that is ready to be stored and sent.
package struct PreparedMessage: Sendable {
    package var bytes: [UInt8]
    /// Without angle brackets.
    package var messageID: String
    package var mailFrom: String
    /// Each address once, in the order To, Cc, Bcc.
    package var recipients: [String]
}

/// Turns what a caller wants sent into a message; every fault names the caller's own member.
package struct DraftComposer {
    private let accountAddress: String
    private let now: Timestamp

    /// `accountAddress` is the sender where the draft names none.
    package init(accountAddress: String, now: Timestamp) {
        self.accountAddress = accountAddress
        self.now = now
    }

    package func compose(_ draft: SubmissionDraft) throws -> PreparedMessage {
        var faults: [FieldFault] = []
        if draft.text == nil, draft.html == nil {
            faults.append(FieldFault(pointer: "/text", detail: "at least one of text and html is needed"))
        }
        let envelope = try EnvelopeReader.envelope(
            draft.envelope, sender: sender(of: draft).email, header: draft.to + draft.cc + draft.bcc, faults: &faults)
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }
        let (bytes, messageID) = try write(outgoing(draft), of: draft)
        return PreparedMessage(
            bytes: bytes, messageID: messageID, mailFrom: envelope.mailFrom, recipients: envelope.recipients)
    }

    /// A message to be kept and gone on with: it may lack what only sending needs, and holds its Bcc.
    package func composeStored(_ draft: SubmissionDraft) throws -> [UInt8] {
        var message = outgoing(draft)
        message.keepsBcc = true
        if draft.html == nil { message.text = draft.text ?? "" }
        return try write(message, of: draft).bytes
    }

    private func sender(of draft: SubmissionDraft) -> Correspondent {
        draft.from ?? Correspondent(email: accountAddress)
    }

    private func outgoing(_ draft: SubmissionDraft) -> OutgoingMessage {
        let from = sender(of: draft)
        var message = OutgoingMessage(
            from: [EmailAddress(name: from.name, email: from.email)],
            date: MessageDate(millisecondsSinceEpoch: now.milliseconds))
        message.to = draft.to.map(address)
        message.cc = draft.cc.map(address)
        message.bcc = draft.bcc.map(address)
        message.replyTo = draft.replyTo.map(address)
        message.subject = draft.subject ?? ""
        message.text = draft.text
        message.html = draft.html
        // The two fields that make an answer one; they are lists of ids to the composer, not free text.
        for header in draft.headers {
            switch header.name.lowercased() {
            case "in-reply-to": message.inReplyTo += Self.messageIDs(header.value)
            case "references": message.references += Self.messageIDs(header.value)
            default: message.headers.append(OutgoingHeader(name: header.name, value: header.value))
            }
        }
        for attachment in draft.attachments {
            let outgoing = OutgoingAttachment(
                name: attachment.name, type: attachment.type ?? "application/octet-stream",
                contentID: attachment.contentID, content: .bytes(attachment.content))
            if isInline(attachment, in: draft) {
                message.inlineAttachments.append(outgoing)
            } else {
                message.attachments.append(outgoing)
            }
        }
        return message
    }

    private func write(
        _ message: OutgoingMessage, of draft: SubmissionDraft
    ) throws -> (bytes: [UInt8], messageID: String) {
        var generator = SystemRandomNumberGenerator()
        do {
            let composed = try MessageComposer.compose(message, using: &generator)
            guard let bytes = composed.bytes() else { throw OutboxError.invalid([]) }
            return (bytes, composed.messageID)
        } catch let fault as ComposeError {
            throw OutboxError.invalid([FieldFault(pointer: "/" + pointer(of: fault, in: draft), detail: fault.reason)])
        }
    }

    /// The ids of a field's text, without angle brackets; the composer refuses what is none.
    private static func messageIDs(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\t" || $0 == "," }.map { id in
            id.hasPrefix("<") && id.hasSuffix(">") ? String(id.dropFirst().dropLast()) : String(id)
        }
    }

    private func address(_ correspondent: Correspondent) -> EmailAddress {
        EmailAddress(name: correspondent.name, email: correspondent.email)
    }

    /// The composer names members of its own value; the caller has one list of attachments and one of headers.
    private func pointer(of fault: ComposeError, in draft: SubmissionDraft) -> String {
        let parts = fault.member.split(separator: "/").map(String.init)
        guard parts.count >= 2 else { return fault.member }
        let rest = parts.dropFirst(2)
        func header(_ name: String, member: String = "value") -> String {
            let index = draft.headers.firstIndex { $0.name.lowercased() == name.lowercased() }
            return index.map { "headers/\($0)/\(member)" } ?? "headers"
        }
        switch parts[0] {
        case "from": return (["from"] + rest).joined(separator: "/")
        case "headers":
            if case .reservedHeader = fault { return header(parts[1], member: "name") }
            guard case .invalidHeaderName = fault else { return header(parts[1]) }
            let index = draft.headers.firstIndex { !OutgoingHeader.isName($0.name) }
            return index.map { "headers/\($0)/name" } ?? "headers"
        case "inReplyTo": return header("In-Reply-To")
        case "references": return header("References")
        case "attachments", "inlineAttachments":
            let wantsInline = parts[0] == "inlineAttachments"
            let matching = draft.attachments.indices.filter {
                isInline(draft.attachments[$0], in: draft) == wantsInline
            }
            let index = Int(parts[1]).flatMap { matching.indices.contains($0) ? matching[$0] : nil } ?? 0
            return (["attachments", "\(index)"] + rest).joined(separator: "/")
        default: return fault.member
        }
    }

    /// An inline image without HTML has nothing to be inline in.
    private func isInline(_ attachment: SubmissionAttachment, in draft: SubmissionDraft) -> Bool {
        attachment.contentID != nil && draft.html != nil
    }
}
