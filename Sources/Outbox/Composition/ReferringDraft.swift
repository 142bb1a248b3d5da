import MIME
package import Model

/// A draft that answers a message or passes it on, with all that it says for itself filled in.
///
/// What the caller gives stays: recipients, subject and text of the draft win over what the original suggests.
package struct ReferringDraft {
    package private(set) var draft: SubmissionDraft

    /// `own` are the addresses in lower case that an answer to all leaves out.
    package init(_ draft: SubmissionDraft, _ reference: MessageReference, original: Message, own: Set<String>) {
        self.draft = draft
        let original = original.writable
        let isForward = reference.action == .forward
        if self.draft.subject == nil {
            self.draft.subject = SubjectPrefix.applied(to: original.subject ?? "", isForward: isForward)
        }
        addThread(of: original, isForward: isForward)
        if !isForward { addRecipients(ReplyRecipients(original, toAll: reference.action == .replyAll, own: own)) }
        if reference.quotes ?? isForward { addQuote(of: original, isForward: isForward) }
        addAttachments(
            of: original, files: reference.includesAttachments ?? isForward, images: reference.quotes ?? isForward)
        self.draft.reference = nil
    }

    /// RFC 5322, section 3.6.4; a message that is passed on begins a thread that still knows where it comes from.
    private mutating func addThread(of original: Message, isForward: Bool) {
        func has(_ name: String) -> Bool { draft.headers.contains { $0.name.lowercased() == name } }
        guard let id = original.messageID else { return }
        var references = original.references
        if references.isEmpty, original.inReplyTo.count == 1 { references = original.inReplyTo }
        references.removeAll { $0 == id }
        if !has("references") {
            let ids = (references + [id]).map { "<\($0)>" }
            draft.headers.append((name: "References", value: ids.joined(separator: " ")))
        }
        if !isForward, !has("in-reply-to") { draft.headers.append((name: "In-Reply-To", value: "<\(id)>")) }
    }

    private mutating func addRecipients(_ recipients: ReplyRecipients) {
        if draft.to.isEmpty, draft.cc.isEmpty {
            draft.to = recipients.to
            draft.cc = recipients.cc
        } else if draft.to.isEmpty {
            draft.to = recipients.to
        }
    }

    private mutating func addQuote(of original: Message, isForward: Bool) {
        let quote = OriginalQuote(original, isForward: isForward)
        // What is passed on comes in the forms that it has; an answer quotes in the forms that it is written in.
        let hasBody = draft.text != nil || draft.html != nil
        if draft.text != nil || !hasBody {
            draft.text = (draft.text.map { $0 + "\n\n" } ?? "") + quote.text
        }
        if draft.html != nil || !hasBody && original.html != nil {
            draft.html = Self.appended("<br><br>" + quote.html, to: draft.html) ?? quote.html
        }
    }

    /// Inside the body, where the html is a whole document.
    private static func appended(_ addition: String, to html: String?) -> String? {
        guard let html else { return nil }
        for end in ["</body>", "</BODY>", "</html>", "</HTML>"] {
            let pieces = html.split(separator: end, omittingEmptySubsequences: false)
            guard pieces.count > 1, let last = pieces.last else { continue }
            return pieces.dropLast().joined(separator: end) + addition + end + last
        }
        return html + addition
    }

    /// Images inside the quoted html go along whatever else does: they are part of it.
    private mutating func addAttachments(of original: Message, files: Bool, images: Bool) {
        for attachment in original.attachments {
            let isShown =
                images && draft.html != nil && attachment.contentID.map { original.html?.contains("cid:\($0)") } == true
            guard files || isShown else { continue }
            draft.attachments.append(
                SubmissionAttachment(
                    name: attachment.name, type: nil, content: .stored(original.id, attachment.id),
                    contentID: isShown ? attachment.contentID : nil))
        }
    }
}

extension Message {
    /// What of it can be written into another message: strangers' headers hold what nobody may send.
    fileprivate var writable: Message {
        var result = self
        result.subject = subject.map(Self.line)
        for member in [\Message.from, \.sender, \.to, \.cc, \.replyTo] {
            result[keyPath: member] = self[keyPath: member].compactMap { person in
                guard EmailAddress(email: person.email).validate() == nil else { return nil }
                return Correspondent(name: person.name.map(Self.line), email: person.email)
            }
        }
        result.messageID = messageID.flatMap { Self.isID($0) ? $0 : nil }
        result.inReplyTo = inReplyTo.filter(Self.isID)
        result.references = references.filter(Self.isID)
        for index in result.attachments.indices {
            let id = attachments[index].contentID
            result.attachments[index].contentID = id.flatMap { Self.isID($0) ? $0 : nil }
            result.attachments[index].name = Self.line(attachments[index].name)
        }
        return result
    }

    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    /// One word of visible ASCII.
    private static func isID(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 900
            && id.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E && $0 != 0x2C }
    }
}
