import Wire

/// Bounces in a mailer's own words, best effort: qmail, old Exim, old Exchange, old Gmail, old sendmail and the like.
///
/// They have in common that a daemon sends them, that each recipient begins a line, followed by the reason, and that a copy of the
/// message or its header comes last.
enum PlainBounce {
    static func read(_ message: ParsedMessage) -> MailReport? {
        let headers = message.headers
        let failed = headers.all("X-Failed-Recipients").flatMap { field in
            headers.text(of: field).split(separator: ",").map { ReportFields.trimmed(String($0)) }
        }
        guard !failed.isEmpty || isFromDaemon(headers) else { return nil }
        let text = text(of: message)
        let subject = headers.subject ?? ""
        guard let action = action(subject: subject, text: text, isNamed: !failed.isEmpty) else { return nil }
        let (words, copy) = BouncedCopy.split(text)
        var recipients = BounceParagraphs.recipients(in: words, action: action)
        if !failed.isEmpty {
            recipients = failed.map { address in
                recipients.first { $0.address?.lowercased() == address.lowercased() }
                    ?? ReportedRecipient(
                        address: address, action: action, status: ReportFields.status(in: words), text: nil)
            }
        }
        if recipients.isEmpty {
            let reason = ReportFields.folded(words)
            recipients = [
                ReportedRecipient(
                    address: nil, action: action, status: ReportFields.status(in: words),
                    text: reason.isEmpty ? nil : reason)
            ]
        }
        let original = ReportFields.original(in: message) ?? copy
        let ids = [original?.messageID].compactMap(\.self) + headers.inReplyTo + headers.references.reversed()
        return MailReport(
            kind: .delivery, envelopeID: nil, messageIDs: Array(ids.uniqued().prefix(10)), recipients: recipients,
            reporter: headers.from.first.map { String($0.domain) }.flatMap { $0.isEmpty ? nil : $0 })
    }

    private static let daemons: Set<String> = [
        "mailer-daemon", "postmaster", "maildaemon", "mail-daemon", "mdaemon", "mailerdaemon", "mailer_daemon",
        "bounce",
        "bounces", "mail-delivery-subsystem",
    ]

    private static func isFromDaemon(_ headers: Headers) -> Bool {
        // A report has no sender to report to (RFC 5321, section 4.5.5).
        if let path = headers.text("Return-Path"), ReportFields.trimmed(path) == "<>" { return true }
        guard let from = headers.from.first else { return false }
        let local = from.localPart.lowercased()
        return daemons.contains(local) || local.hasPrefix("microsoftexchange")
            || from.name?.lowercased().hasPrefix("system administrator") == true
    }

    private static let failures = [
        "undeliver", "could not be delivered", "couldn't be delivered", "wasn't able to deliver", "delivery failed",
        "failed permanently", "failure notice", "returned mail", "delivery failure", "permanent fatal errors",
        "permanent error", "did not reach", "not delivered", "delivery status notification (failure)",
        "non remis", "unzustellbar", "nicht zugestellt", "no se pudo entregar", "non recapitabile",
    ]
    private static let delays = [
        "delivery has been delayed", "delivery to the following recipient has been delayed", "warning: message",
        "message will be retried", "delayed mail", "could not yet be delivered", "delivery status notification (delay)",
        "not yet been delivered", "transient non-fatal errors", "has not been delivered to one or more",
    ]

    /// Nil for words that report nothing.
    private static func action(subject: String, text: String, isNamed: Bool) -> ReportedRecipient.Action? {
        let head = String(text.prefix(4_000))
        if delays.contains(where: { subject.contains(text: $0) || head.contains(text: $0) }) { return .delayed }
        let isFailure = failures.contains { subject.contains(text: $0) || head.contains(text: $0) }
        return isFailure || isNamed ? .failed : nil
    }

    private static func text(of message: ParsedMessage) -> String {
        guard let index = message.parts.firstIndex(where: { $0.node.type == "text" && $0.node.subtype == "plain" })
        else {
            let html = message.parts.firstIndex { $0.node.mediaType == "text/html" }
            return html.map { htmlToText(message.text(of: $0).text) } ?? ""
        }
        return String(decoding: Array(message.text(of: index).text.utf8.prefix(ReportBounds.plainText)), as: UTF8.self)
    }
}

/// Tells a bounce's words from the copy that follows them.
private enum BouncedCopy {
    private static let marks = [
        "--- below this line is a copy", "------ this is a copy of", "----- original message", "-----original message",
        "----- message header follows", "original message headers:", "--- the header of the original",
        "----- unsent message follows", "----- returned message follows", "--- enclosed is a copy",
        "----- original message follows", "---- original message", "return-path:", "received: from", "received: by",
    ]

    static func split(_ text: String) -> (words: String, copy: Headers?) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { line in
            let plain = line.drop { $0 == " " || $0 == "\t" }.prefix(40).lowercased()
            return marks.contains { plain.hasPrefix($0) }
        }
        guard let start else { return (text, nil) }
        var copy = lines[start...]
        // The mark itself and what is empty behind it.
        while let first = copy.first, !isField(first) { copy.removeFirst() }
        let headers = Headers(parsing: Array(copy.joined(separator: "\n").utf8))
        return (lines[..<start].joined(separator: "\n"), headers.fields.isEmpty ? nil : headers)
    }

    private static func isField(_ line: Substring) -> Bool {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return false }
        return line[..<colon].utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// Finds each recipient with its reason.
private enum BounceParagraphs {
    static func recipients(in words: String, action: ReportedRecipient.Action) -> [ReportedRecipient] {
        var found: [(address: String, text: [Substring])] = []
        var emptyLines = 0
        var isOpen = false
        for line in words.split(separator: "\n", omittingEmptySubsequences: false) {
            if let (address, rest) = recipient(line), found.count < ReportBounds.plainRecipients {
                if found.last?.address != address { found.append((address: address, text: [rest])) }
                emptyLines = 0
                isOpen = true
            } else if line.allSatisfy(\.isWhitespace) {
                emptyLines += 1
            } else if isOpen, let last = found.indices.last {
                let hasText = found[last].text.contains { !$0.allSatisfy(\.isWhitespace) }
                // The reason follows at once, or behind one empty line; what comes after it is talk.
                if emptyLines > 0, hasText || emptyLines > 1 {
                    isOpen = false
                } else {
                    found[last].text.append(line)
                }
                emptyLines = 0
            }
        }
        return found.map { recipient in
            let text = ReportFields.folded(recipient.text.joined(separator: "\n"))
            return ReportedRecipient(
                address: recipient.address, action: action, status: ReportFields.status(in: text),
                text: text.isEmpty ? nil : text)
        }
    }

    /// An address at the start of a line, and what stands behind it; nil where a sentence goes on with it.
    private static func recipient(_ line: Substring) -> (address: String, rest: Substring)? {
        var rest = line.drop { $0 == " " || $0 == "\t" || $0 == ">" }
        if rest.lowercased().hasPrefix("to: ") { rest = rest.dropFirst(4) }
        while let first = rest.first, "<'\"`".contains(first) { rest = rest.dropFirst() }
        let word = rest.prefix { !$0.isWhitespace && !"<>'\",;()".contains($0) }
        var address = word
        if address.last == ":" { address.removeLast() }
        guard address.count(where: { $0 == "@" }) == 1, EmailAddress(email: String(address)).validate() == nil else {
            return nil
        }
        var behind = rest.dropFirst(word.count)
        let isMarked = word.last == ":"
        while let first = behind.first, ">'\"".contains(first) { behind = behind.dropFirst() }
        let tail = behind.drop { $0 == " " }
        let endsLine = tail.isEmpty || tail.hasPrefix(":") || tail.hasPrefix("...") || tail.hasPrefix("(")
        guard isMarked || endsLine || tail.hasPrefix("on ") else { return nil }
        return (String(address), tail.drop { $0 == ":" || $0 == "." || $0 == " " })
    }
}
