import HTTP
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

/// A message without bodies: in lists, and after a change.
package struct MessageSummary: JSONWritable, Sendable {
    package let message: Message

    package init(_ message: Message) { self.message = message }

    package func write(to writer: inout JSONWriter) {
        writer.object { message.writeMembers(to: &$0) }
    }
}

/// A message as `getMessage` shows it.
package struct WholeMessage: JSONWritable {
    let message: Message
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
            message.writeMembers(to: &writer)
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
            writer.member("problems", array: message.problems)
        }
    }
}

extension Message {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("threadId", threadID)
        writer.member("mailboxIds", array: mailboxIDs)
        writer.member(
            "keywords",
            object: { writer in
                for keyword in keywords { writer.member(keyword, true) }
            })
        writer.member("size", size)
        writer.member("receivedAt", receivedAt)
        writer.member("sentAt", sentAt)
        writer.member("subject", subject)
        writer.member("from", array: from)
        writer.member("sender", array: sender)
        writer.member("to", array: to)
        writer.member("cc", array: cc)
        writer.member("bcc", array: bcc)
        writer.member("replyTo", array: replyTo)
        writer.member("messageId", messageID)
        writer.member("inReplyTo", array: inReplyTo)
        writer.member("references", array: references)
        writer.member("preview", preview)
        writer.member("hasAttachment", hasAttachment)
        writer.member("attachments", array: attachments)
    }

    /// The parts of a message that change are its keywords and where it lies.
    var tag: EntityTag {
        EntityTag.of([id.rawValue] + keywords.sorted() + [""] + mailboxIDs.map(\.rawValue).sorted())
    }
}
