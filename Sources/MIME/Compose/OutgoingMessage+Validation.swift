import Wire

extension OutgoingMessage {
    /// Finds what cannot be written before anything is: header injection ends here.
    func validate() throws(ComposeError) {
        guard !from.isEmpty else { throw .missing(member: "from") }
        guard from.count == 1 || sender != nil else { throw .missing(member: "sender") }
        guard date.fieldValue != nil else { throw .invalidDate(member: "date") }
        for (member, list) in [("from", from), ("to", to), ("cc", cc), ("bcc", bcc), ("replyTo", replyTo)] {
            for (index, address) in list.enumerated() { try validate(address, "\(member)/\(index)") }
        }
        if let sender { try validate(sender, "sender") }
        try refuseControls(subject, "subject")
        if let messageID, !OutgoingMessage.isMessageID(messageID) { throw .invalidMessageID(member: "messageId") }
        for (member, ids) in [("inReplyTo", inReplyTo), ("references", references)] {
            for (index, id) in ids.enumerated() where !OutgoingMessage.isReference(id) {
                throw .invalidMessageID(member: "\(member)/\(index)")
            }
        }
        for header in headers { try validate(header) }
        for (member, list) in [("inlineAttachments", inlineAttachments), ("attachments", attachments)] {
            for (index, attachment) in list.enumerated() { try validate(attachment, "\(member)/\(index)") }
        }
    }

    private func validate(_ address: EmailAddress, _ member: String) throws(ComposeError) {
        if let fault = address.validate() {
            if fault == .controlCharacter { throw .controlCharacter(member: member + "/email") }
            throw .invalidAddress(member: member + "/email", fault)
        }
        if let name = address.name { try refuseControls(name, member + "/name") }
    }

    private func validate(_ header: OutgoingHeader) throws(ComposeError) {
        let member =
            "headers/"
            + header.name.unicodeScalars.prefix(100).map { ByteSet.visible.contains($0) ? String($0) : "?" }.joined()
        guard OutgoingHeader.isName(header.name) else { throw .invalidHeaderName(member: member) }
        guard !OutgoingHeader.isReserved(header.name) else { throw .reservedHeader(member: member) }
        try refuseControls(header.value, member, allowsTab: true)
    }

    private func validate(_ attachment: OutgoingAttachment, _ member: String) throws(ComposeError) {
        if let name = attachment.name { try refuseControls(name, member + "/name") }
        let pieces = attachment.type.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count == 2, pieces.allSatisfy({ ContentType.isToken(String($0)) }),
            pieces[0].lowercased() != "multipart",
            attachment.type.utf8.count <= 200
        else { throw .invalidMediaType(member: member + "/type") }
        if let charset = attachment.charset, !ContentType.isToken(charset) || charset.utf8.count > 60 {
            throw .invalidMediaType(member: member + "/type")
        }
        if let id = attachment.contentID, !OutgoingMessage.isReference(id) {
            throw .invalidMessageID(member: member + "/cid")
        }
    }

    private func refuseControls(_ text: String, _ member: String, allowsTab: Bool = false) throws(ComposeError) {
        for byte in text.utf8 where byte < 0x20 || byte == 0x7F {
            guard allowsTab, byte == 0x09 else { throw .controlCharacter(member: member) }
        }
    }

    /// `id-left "@" id-right` of printable ASCII.
    private static func isMessageID(_ id: String) -> Bool {
        let pieces = id.split(separator: "@", omittingEmptySubsequences: false)
        return pieces.count == 2 && !pieces.contains("") && isReference(id)
    }

    /// What another mailer called its message may be no `msg-id`, but it must be one word.
    private static func isReference(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 900
            && id.utf8.allSatisfy { ByteSet.visible.contains($0) && $0 != 0x3C && $0 != 0x3E }
    }
}

extension OutgoingHeader {
    /// `ftext` of RFC 5322, section 3.6.8.
    package static func isName(_ name: String) -> Bool {
        (1...76).contains(name.utf8.count) && name.utf8.allSatisfy { ByteSet.visible.contains($0) && $0 != 0x3A }
    }

    /// Fields that the composer writes, and those that only a mail server may.
    static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return reserved.contains(name) || name.hasPrefix("content-")
    }

    private static let reserved: Set<String> = [
        "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "received", "return-path", "resent-bcc", "delivered-to", "dkim-signature",
    ]
}

extension ByteSet {
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { scalar.isASCII && contains(UInt8(scalar.value)) }
}
