import Model
import Representation
import Wire

extension SubmissionAttachment {
    /// The file itself, an attachment of a message that is there already, or a part of the form.
    static func read(_ reader: inout ObjectReader) -> SubmissionAttachment? {
        let name = reader.optional("name")?.line(maximum: 1024)
        let type = reader.optional("type")?.line(maximum: 255)
        let contentID = reader.optional("cid")?.line(maximum: 255)
        let content = reader.optional("content")
        let message = reader.optional("messageId")
        let part = reader.optional("attachmentId")
        let upload = reader.optional("part")
        let kinds = [content != nil, message != nil || part != nil, upload != nil].count { $0 }
        guard kinds == 1 else {
            if kinds == 0 {
                reader.fail("content", "is required")
            } else {
                reader.failWhole("must have only one of content, part, and messageId with attachmentId")
            }
            return nil
        }
        let found: Content?
        if let content {
            found = read(content).map { .bytes($0) }
        } else if let upload {
            found = upload.line(maximum: 255).map { .part($0) }
        } else {
            let message = reader.required("messageId")?.line(maximum: 255)
            let part = reader.required("attachmentId")?.line(maximum: 255)
            guard let message, let part else { return nil }
            found = .stored(EmailID(rawValue: message), PartID(rawValue: part))
        }
        return found.map { SubmissionAttachment(name: name, type: type, content: $0, contentID: contentID) }
    }

    private static func read(_ node: JSONNode) -> [UInt8]? {
        guard let text = node.string() else { return nil }
        guard let content = Base64.decode(text) else {
            node.fail("must be base64 (RFC 4648 section 4) with padding and without line breaks")
            return nil
        }
        return content
    }
}

extension MessageReference {
    static func read(_ reader: inout ObjectReader) -> MessageReference? {
        let message = reader.required("messageId")?.line(maximum: 255)
        let action = reader.required("action")?.choice(of: Action.self)
        let quotes = reader.optional("quote")?.bool()
        let attachments = reader.optional("includeAttachments")?.bool()
        guard let message, let action else { return nil }
        return MessageReference(
            EmailID(rawValue: message), action, quotes: quotes, includesAttachments: attachments)
    }
}

extension Unsubscribe {
    static func read(_ reader: inout ObjectReader) -> Unsubscribe? {
        let url = reader.optional("url")?.line()
        let mailto = reader.optional("mailto")?.line()
        let isOneClick = reader.optional("oneClick")?.bool()
        return Unsubscribe(url: url, mailto: mailto, isOneClick: isOneClick ?? (url != nil))
    }
}
