import MIME
import Model

/// A message that is ready to be stored and sent.
struct PreparedMessage: Sendable {
    var bytes: [UInt8]
    /// Without angle brackets.
    var messageID: String
    var mailFrom: String
    /// Each address once, in the order To, Cc, Bcc.
    var recipients: [String]
}

/// Turns what a caller wants sent into a message; every fault names the caller's own member.
struct DraftComposer {
    var accountAddress: String
    var now: Timestamp

    func compose(_ draft: SubmissionDraft) throws -> PreparedMessage {
        var faults: [FieldFault] = []
        let from = draft.from ?? Correspondent(email: accountAddress)
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
        if draft.text == nil, draft.html == nil {
            faults.append(FieldFault(pointer: "/text", detail: "at least one of text and html is needed"))
        }
        message.headers = draft.headers.map { OutgoingHeader(name: $0.name, value: $0.value) }
        for attachment in draft.attachments {
            let outgoing = OutgoingAttachment(
                name: attachment.name, type: attachment.type ?? "application/octet-stream",
                contentID: attachment.contentID, content: .bytes(attachment.content))
            // An inline image without HTML has nothing to be inline in.
            if attachment.contentID != nil, draft.html != nil {
                message.inlineAttachments.append(outgoing)
            } else {
                message.attachments.append(outgoing)
            }
        }
        let envelope = try EnvelopeReader.envelope(
            draft.envelope, sender: from.email, header: draft.to + draft.cc + draft.bcc, faults: &faults)
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }
        var generator = SystemRandomNumberGenerator()
        do {
            let composed = try MessageComposer.compose(message, using: &generator)
            guard let bytes = composed.bytes() else { throw OutboxError.invalid([]) }
            return PreparedMessage(
                bytes: bytes, messageID: composed.messageID, mailFrom: envelope.mailFrom,
                recipients: envelope.recipients)
        } catch let fault as ComposeError {
            throw OutboxError.invalid([FieldFault(pointer: "/" + pointer(of: fault, in: draft), detail: fault.reason)])
        }
    }

    private func address(_ correspondent: Correspondent) -> EmailAddress {
        EmailAddress(name: correspondent.name, email: correspondent.email)
    }

    /// The composer counts inline images and other attachments apart; the caller has one list.
    private func pointer(of fault: ComposeError, in draft: SubmissionDraft) -> String {
        let parts = fault.member.split(separator: "/").map(String.init)
        guard parts.count >= 2, let index = Int(parts[1]) else {
            return fault.member.hasPrefix("from") ? fault.member.replacing("from/0", with: "from") : fault.member
        }
        switch parts[0] {
        case "from": return (["from"] + parts.dropFirst(2)).joined(separator: "/")
        case "attachments", "inlineAttachments":
            let wantsInline = parts[0] == "inlineAttachments"
            let matching = draft.attachments.indices.filter {
                (draft.attachments[$0].contentID != nil && draft.html != nil) == wantsInline
            }
            let original = matching.indices.contains(index) ? matching[index] : index
            return (["attachments", "\(original)"] + parts.dropFirst(2)).joined(separator: "/")
        default: return fault.member
        }
    }
}
