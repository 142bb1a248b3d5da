import MIME
package import Model

/// Turns what a caller wants sent, all of it known, into a message; every fault names the caller's own member.
package struct DraftComposer {
    private let accountAddress: String
    private let now: Timestamp

    /// `accountAddress` is the sender where the draft names none.
    package init(accountAddress: String, now: Timestamp) {
        self.accountAddress = accountAddress
        self.now = now
    }

    /// `sources` are the attachments that are not in memory, by their place in the draft.
    package func compose(
        _ draft: SubmissionDraft, sources: [Int: ContentSource] = [:]
    ) throws -> PreparedMessage {
        var faults: [FieldFault] = []
        if draft.text == nil, draft.html == nil {
            faults.append(FieldFault(pointer: "/text", detail: "at least one of text and html is needed"))
        }
        faults += ListUnsubscribe.faults(draft.unsubscribe)
        let envelope = try EnvelopeReader.envelope(
            draft.envelope, sender: sender(of: draft).email, header: draft.to + draft.cc + draft.bcc, faults: &faults)
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }
        return try prepared(
            outgoing(draft, sources), of: draft, sources, from: envelope.mailFrom, to: envelope.recipients)
    }

    /// A message to be kept and gone on with: it may lack what only sending needs, and holds its Bcc.
    package func composeStored(
        _ draft: SubmissionDraft, sources: [Int: ContentSource] = [:]
    ) throws -> PreparedMessage {
        var message = outgoing(draft, sources)
        message.keepsBcc = true
        if draft.html == nil { message.text = draft.text ?? "" }
        return try prepared(message, of: draft, sources, from: "", to: [])
    }

    private func sender(of draft: SubmissionDraft) -> Correspondent {
        draft.from ?? Correspondent(email: accountAddress)
    }

    private func outgoing(_ draft: SubmissionDraft, _ sources: [Int: ContentSource]) -> OutgoingMessage {
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
        message.headers += ListUnsubscribe.fields(draft.unsubscribe)
        if let word = draft.autoSubmitted {
            message.headers.append(OutgoingHeader(name: "Auto-Submitted", value: word.rawValue))
        }
        for (index, attachment) in draft.attachments.enumerated() {
            let outgoing = OutgoingAttachment(attachment, key: index, source: sources[index])
            if isInline(attachment, in: draft) {
                message.inlineAttachments.append(outgoing)
            } else {
                message.attachments.append(outgoing)
            }
        }
        return message
    }

    private func prepared(
        _ message: OutgoingMessage, of draft: SubmissionDraft, _ sources: [Int: ContentSource],
        from mailFrom: String, to recipients: [String]
    ) throws -> PreparedMessage {
        var generator = SystemRandomNumberGenerator()
        let composed: ComposedMessage
        do {
            composed = try MessageComposer.compose(message, using: &generator)
        } catch {
            throw OutboxError.invalid([FieldFault(pointer: "/" + pointer(of: error, in: draft), detail: error.reason)])
        }
        return PreparedMessage(
            write: { sink in
                try await composed.write(
                    { key in
                        guard let index = Int(key), let source = sources[index] else { return nil }
                        return ComposedSource(source: source, pointer: "/attachments/\(index)")
                    }, to: sink)
            }, messageID: composed.messageID, mailFrom: mailFrom, author: sender(of: draft).email,
            recipients: recipients)
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
        case "headers" where ["list-unsubscribe", "list-unsubscribe-post"].contains(parts[1].lowercased()):
            return draft.unsubscribe == nil ? header(parts[1]) : "unsubscribe"
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
