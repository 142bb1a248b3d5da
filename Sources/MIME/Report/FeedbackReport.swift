/// Abuse feedback reports, RFC 5965.
enum FeedbackReport {
    static func read(_ message: ParsedMessage) -> MailReport? {
        guard let content = ReportFields.part("message/feedback-report", in: message),
            let fields = ReportFields.groups(of: content).first
        else { return nil }
        let type = ReportFields.trimmed(fields.text("Feedback-Type") ?? "abuse").lowercased()
        // That a check failed (RFC 6591), or that it is no spam after all, is no complaint of a recipient.
        guard type != "auth-failure", type != "not-spam" else { return nil }
        let original = ReportFields.original(in: message)
        var addresses = fields.all("Original-Rcpt-To").compactMap { ReportFields.address(fields.text(of: $0)) }
        addresses += fields.all("Removal-Recipient").compactMap { ReportFields.address(fields.text(of: $0)) }
        if addresses.isEmpty { addresses = original?.to.map(\.email).filter { $0.contains("@") } ?? [] }
        var recipients = addresses.uniqued().prefix(ReportBounds.plainRecipients).map {
            ReportedRecipient(address: $0, action: .complained, text: type)
        }
        // Many leave the recipient out, to guard who complains: then the message alone must do.
        if recipients.isEmpty { recipients = [ReportedRecipient(address: nil, action: .complained, text: type)] }
        let envelope = fields.text("Original-Envelope-Id").map(ReportFields.trimmed)
        return MailReport(
            kind: .complaint(feedbackType: type), envelopeID: envelope.map(ReportFields.xtext),
            messageIDs: [original?.messageID].compactMap(\.self), recipients: recipients,
            reporter: (fields.text("Reporting-MTA").flatMap { ReportFields.typed($0) })
                ?? fields.text("User-Agent").map(ReportFields.folded))
    }
}

/// Receipts: message disposition notifications, RFC 8098.
enum DispositionReport {
    static func read(_ message: ParsedMessage) -> MailReport? {
        let content = ReportFields.part(
            "message/disposition-notification", "message/global-disposition-notification", in: message)
        guard let content, let fields = ReportFields.groups(of: content).first else { return nil }
        let final = ReportFields.address(fields.text("Final-Recipient"))
        let original = ReportFields.address(fields.text("Original-Recipient")).map(ReportFields.xtext)
        let disposition = fields.text("Disposition") ?? ""
        // `manual-action/MDN-sent-manually; displayed/error`
        let type = disposition.split(separator: ";").last.map { ReportFields.trimmed(String($0)).lowercased() } ?? ""
        let action: ReportedRecipient.Action
        switch type.prefix(while: { $0.isLetter }) {
        case "deleted": action = .deleted
        case "failed": action = .failed
        // `processed` and `dispatched` say that a program has it, and nobody has seen it.
        case "processed", "dispatched": action = .delivered
        case "denied": return nil
        default: action = .displayed
        }
        let ids =
            fields.messageIDs("Original-Message-ID")
            + [ReportFields.original(in: message)?.messageID].compactMap(\.self)
        return MailReport(
            kind: .receipt, envelopeID: nil,
            messageIDs: (ids + message.headers.inReplyTo).uniqued(),
            recipients: [
                ReportedRecipient(
                    address: final ?? message.headers.from.first?.email, originalAddress: original, action: action,
                    text: ReportFields.folded(disposition))
            ], reporter: ReportFields.typed(fields.text("Reporting-UA")))
    }
}

/// Answers that nobody wrote, RFC 3834.
enum AutomaticReply {
    static func read(_ message: ParsedMessage) -> MailReport? {
        let headers = message.headers
        guard isAutomatic(headers) else { return nil }
        let ids = (headers.inReplyTo + headers.references.reversed()).uniqued()
        guard !ids.isEmpty, let from = headers.from.first?.email else { return nil }
        return MailReport(
            kind: .autoReply, envelopeID: nil, messageIDs: Array(ids.prefix(10)),
            recipients: [
                ReportedRecipient(
                    address: from, action: .autoReplied, text: headers.subject.map(ReportFields.folded))
            ], reporter: nil)
    }

    private static func isAutomatic(_ headers: Headers) -> Bool {
        if let word = headers.text("Auto-Submitted") {
            // `auto-generated` is Exchange's word for its absence notes; whether it answers, the ids say.
            return !ReportFields.trimmed(word).lowercased().hasPrefix("no")
        }
        // Before RFC 3834 each had a word of its own.
        if headers.first("X-Autoreply") != nil || headers.first("X-Autorespond") != nil
            || headers.first("X-Autoresponder") != nil
        {
            return true
        }
        return headers.text("Precedence").map { ReportFields.trimmed($0).lowercased() } == "auto_reply"
    }
}
