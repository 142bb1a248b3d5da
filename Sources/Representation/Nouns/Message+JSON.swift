package import Model

extension Correspondent: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("email", email)
        }
    }
}

extension Attachment: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", name)
            writer.member("type", type)
            writer.member("size", size)
            writer.member("disposition", isInline ? "inline" : "attachment")
            writer.member("cid", contentID)
            writer.member("charset", charset)
        }
    }
}

extension SpamVerdict: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("isSpam", isSpam)
            writer.member("score", score)
            writer.member("source", source)
        }
    }
}

extension MessageRetention: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("deleteAt", deleteAt)
        }
    }
}

/// A message without bodies: in lists, and after a change.
package struct MessageSummary: JSONWritable, Sendable {
    package let message: Message
    /// The only members that were asked for; `id` is always there.
    package let fields: Set<MessageField>?

    package init(_ message: Message, fields: Set<MessageField>? = nil) {
        self.message = message
        self.fields = fields?.union([.id])
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { message.writeMembers(to: &$0, fields) }
    }
}

/// A message as `getMessage` shows it.
package struct WholeMessage: JSONWritable {
    package let message: Message
    /// Whether header fields were asked for; the member is absent where not.
    let showsHeaders: Bool
    let blockedRemote: Int

    package init(_ message: Message, showsHeaders: Bool, blockedRemote: Int = 0) {
        self.message = message
        self.showsHeaders = showsHeaders
        self.blockedRemote = blockedRemote
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            message.writeMembers(to: &writer, Set(MessageField.allCases))
            writer.member("text", message.text)
            writer.member("html", message.html)
            writer.member("blockedRemote", blockedRemote)
            writer.member("isTruncated", message.isTruncated)
            if showsHeaders {
                writer.name("headers")
                writer.array(message.headers) { writer, field in
                    writer.object { writer in
                        writer.member("name", field.name)
                        writer.member("value", field.value)
                    }
                }
            }
            writer.member("spam", message.spam)
            writer.member("authentication", message.authentication)
            if let signatures = message.signatures { writer.member("signatures", array: signatures) }
            writer.member("list", message.list)
            writer.member("protections", array: message.protections)
            if let retention = message.retention { writer.member("retention", retention) }
        }
    }
}

extension Message {
    func writeMembers(to writer: inout JSONWriter, _ fields: Set<MessageField>? = nil) {
        let fields = fields ?? MessageField.usual
        for field in MessageField.allCases where fields.contains(field) { write(field, to: &writer) }
    }

    private func write(_ field: MessageField, to writer: inout JSONWriter) {
        switch field {
        case .id: writer.member("id", id)
        case .threadID: writer.member("threadId", threadID)
        case .mailboxIDs: writer.member("mailboxIds", array: mailboxIDs)
        case .keywords:
            writer.member("keywords", keywords: keywords)
        case .size: writer.member("size", size)
        case .receivedAt: writer.member("receivedAt", receivedAt)
        case .savedAt: writer.member("savedAt", savedAt)
        case .sentAt: writer.member("sentAt", sentAt)
        case .subject: writer.member("subject", subject)
        case .from: writer.member("from", array: from)
        case .sender: writer.member("sender", array: sender)
        case .to: writer.member("to", array: to)
        case .cc: writer.member("cc", array: cc)
        case .bcc: writer.member("bcc", array: bcc)
        case .replyTo: writer.member("replyTo", array: replyTo)
        case .messageID: writer.member("messageId", messageID)
        case .inReplyTo: writer.member("inReplyTo", array: inReplyTo)
        case .references: writer.member("references", array: references)
        case .preview: writer.member("preview", preview)
        case .hasAttachment: writer.member("hasAttachment", hasAttachment)
        case .attachments: writer.member("attachments", array: attachments)
        case .problems: writer.member("problems", array: problems)
        }
    }
}
