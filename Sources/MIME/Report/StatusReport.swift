/// Delivery status notifications: RFC 3464, and RFC 6533 for international mail.
enum StatusReport {
    static func read(_ message: ParsedMessage) -> MailReport? {
        let content = ReportFields.part(
            "message/delivery-status", "message/global-delivery-status", in: message)
        guard let content else { return nil }
        let groups = ReportFields.groups(of: content)
        let recipients = groups.compactMap(recipient)
        guard !recipients.isEmpty else { return nil }
        let original = ReportFields.original(in: message)
        let envelope = groups.lazy.compactMap { $0.text("Original-Envelope-Id") }.first
        let reporter = groups.lazy.compactMap { ReportFields.typed($0.text("Reporting-MTA")) }.first
        return MailReport(
            kind: .delivery,
            envelopeID: envelope.map { ReportFields.xtext(ReportFields.trimmed($0)) },
            messageIDs: [
                original?.messageID, groups.lazy.compactMap { $0.messageIDs("X-Original-Message-ID").first }.first,
                message.headers.inReplyTo.first, message.headers.references.last,
            ].compactMap(\.self).uniqued(),
            recipients: recipients, reporter: reporter)
    }

    /// Nil for a group that names nobody: the first one tells of the message.
    private static func recipient(_ fields: Headers) -> ReportedRecipient? {
        let final = ReportFields.address(fields.text("Final-Recipient"))
        let original = ReportFields.address(fields.text("Original-Recipient")).map(ReportFields.xtext)
        guard final != nil || original != nil else { return nil }
        let diagnostic = ReportFields.typed(fields.text("Diagnostic-Code"))
        let status = fields.text("Status").flatMap(ReportFields.status(in:))
        let word = fields.text("Action").map { ReportFields.trimmed($0).lowercased() } ?? ""
        // Some write `failed (user unknown)`, and some write nothing.
        let named = ReportedRecipient.Action(rawValue: String(word.prefix { $0.isLetter }))
        guard let action = named ?? status.flatMap(action) else { return nil }
        // `5.0.0` and the like say less than the server's own words often do.
        let precise = status.flatMap { $0.hasSuffix(".0.0") ? nil : $0 }
        return ReportedRecipient(
            address: final, originalAddress: original, action: action,
            status: precise ?? diagnostic.flatMap(ReportFields.status(in:)) ?? status, text: diagnostic)
    }

    private static func action(of status: String) -> ReportedRecipient.Action? {
        switch status.first {
        case "5": .failed
        case "4": .delayed
        case "2": .delivered
        default: nil
        }
    }
}

extension Array where Element: Hashable {
    /// Each once, where it first stood.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
