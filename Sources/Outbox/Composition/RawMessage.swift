import MIME
package import Model

/// Prepares a message that the caller composed: sent as it is, but for Bcc and for what RFC 5322 demands.
package struct RawMessage {
    private let accountAddress: String
    private let now: Timestamp

    package init(accountAddress: String, now: Timestamp) {
        self.accountAddress = accountAddress
        self.now = now
    }

    package func prepare(_ raw: [UInt8], envelope: SubmissionEnvelope?) throws -> PreparedMessage {
        guard raw.count <= Limits.messageOctets else { throw OutboxError.tooLarge(limit: Limits.messageOctets) }
        var faults: [FieldFault] = []
        let headers = ParsedMessage(parsing: raw).headers
        let header = (headers.to + headers.cc + headers.bcc).map { Correspondent(name: $0.name, email: $0.email) }
        if headers.from.isEmpty { faults.append(FieldFault(pointer: "", detail: "the message has no From field")) }
        if envelope?.rcptTo == nil {
            for address in header where (try? EmailAddress(validating: address.email)) == nil {
                faults.append(FieldFault(pointer: "", detail: "a recipient in the header is no address"))
            }
        }
        let sender = headers.sender.first?.email ?? headers.from.first?.email ?? accountAddress
        let route = try EnvelopeReader.envelope(envelope, sender: sender, header: header, faults: &faults)
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }

        var editor = HeaderEditor(raw)
        editor.remove("Bcc")
        var messageID = headers.messageID
        if messageID == nil {
            let made = IdentifierGenerator.make(prefix: "m") + "@" + (sender.split(separator: "@").last ?? "localhost")
            if editor.contains("Message-ID") { editor.remove("Message-ID") }
            try editor.prepend("Message-ID", "<\(made)>")
            messageID = made
        }
        if !editor.contains("Date") {
            let date = MessageDate(millisecondsSinceEpoch: now.milliseconds)
            try editor.prepend("Date", date.fieldValue ?? "Thu, 1 Jan 1970 00:00:00 +0000")
        }
        return PreparedMessage(
            bytes: editor.message, messageID: messageID ?? "", mailFrom: route.mailFrom,
            recipients: route.recipients)
    }
}
