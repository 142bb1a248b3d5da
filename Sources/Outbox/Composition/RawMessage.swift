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

    /// Only the header is held; the rest is read again when it is written.
    ///
    /// `isDraft`: it was kept before it is sent, so that its date is now.
    package func prepare(
        _ raw: ContentFile, envelope: SubmissionEnvelope?, isDraft: Bool = false
    ) async throws -> PreparedMessage {
        guard raw.size <= Limits.messageOctets else { throw OutboxError.tooLarge(limit: Limits.messageOctets) }
        let survey = try await RawSurvey(raw)
        var faults = survey.fault.map { [FieldFault(pointer: "", detail: $0)] } ?? []
        let headers = Headers(parsing: survey.head)
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
        let (head, messageID) = try edited(survey.head, headers, sender: sender, isDraft: isDraft)
        let bodyStart = survey.head.count
        return PreparedMessage(
            write: { sink in
                let repair = SharedLineRepair()
                try await sink(repair.read(head))
                try await raw.stream(from: bodyStart) { try await sink(repair.read($0)) }
            }, messageID: messageID, mailFrom: route.mailFrom, author: headers.from.first?.email ?? sender,
            recipients: route.recipients,
            mark: isDraft ? DraftReference.mark(in: headers) : nil)
    }

    private func edited(
        _ head: [UInt8], _ headers: Headers, sender: String, isDraft: Bool
    ) throws -> (head: [UInt8], messageID: String) {
        var editor = HeaderEditor(head)
        editor.remove("Bcc")
        if isDraft {
            editor.remove("Date")
            editor.remove(DraftReference.name)
        }
        var messageID = headers.messageID ?? ""
        if messageID.isEmpty {
            let domain = sender.split(separator: "@").last.flatMap { Punycode.asciiDomain($0) } ?? "localhost"
            messageID = IdentifierGenerator.make(prefix: "m") + "@" + domain
            if editor.contains("Message-ID") { editor.remove("Message-ID") }
            try editor.prepend("Message-ID", "<\(messageID)>")
        }
        if !editor.contains("Date") {
            let date = MessageDate(millisecondsSinceEpoch: now.milliseconds)
            try editor.prepend("Date", date.fieldValue ?? "Thu, 1 Jan 1970 00:00:00 +0000")
        }
        return (editor.message, messageID)
    }
}
