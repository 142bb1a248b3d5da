package import Model
import Representation

extension SubmissionDraft {
    /// Reads the JSON body of `createSubmission`; whether an address is one, the engine says.
    package static func read(_ reader: inout ObjectReader) -> SubmissionDraft? {
        var draft = SubmissionDraft()
        draft.from = reader.optional("from").flatMap(Correspondent.read)
        draft.to = reader.optional("to")?.array(Correspondent.read) ?? []
        draft.cc = reader.optional("cc")?.array(Correspondent.read) ?? []
        draft.bcc = reader.optional("bcc")?.array(Correspondent.read) ?? []
        draft.replyTo = reader.optional("replyTo")?.array(Correspondent.read) ?? []
        draft.subject = reader.optional("subject").flatMap(readSubject)
        draft.text = reader.optional("text")?.string()
        draft.html = reader.optional("html")?.string()
        draft.attachments =
            reader.optional("attachments")?.array { $0.object(SubmissionAttachment.read) } ?? []
        draft.headers = reader.optional("headers")?.array { $0.object(readField) } ?? []
        draft.unsubscribe = reader.optional("unsubscribe")?.object(Unsubscribe.read)
        draft.autoSubmitted = reader.optional("autoSubmitted")?.choice(of: AutoSubmitted.self)
        draft.reference = reader.optional("reference")?.object(MessageReference.read)
        draft.template = reader.optional("template")?.line(maximum: 255).map(TemplateID.init(rawValue:))
        draft.values = reader.optional("values").map(TemplateValues.read)
        draft.saveToSent = reader.optional("saveToSent")?.bool() ?? true
        draft.envelope = reader.optional("envelope")?.object(SubmissionEnvelope.read)
        draft.sendAt = reader.optional("sendAt")?.time()
        draft.options = DeliveryOptions.read(&reader)
        draft.keywords = reader.optional("keywords").flatMap(KeywordChanges.readSet) ?? []
        return draft
    }

    /// One line, which may be empty.
    private static func readSubject(_ node: JSONNode) -> String? {
        guard let text = node.string(maximum: Limits.line), !text.isEmpty else { return nil }
        return node.line()
    }

    /// CR and LF end here already, with the right pointer; the composer refuses them again.
    private static func readField(_ reader: inout ObjectReader) -> (name: String, value: String)? {
        let name = reader.required("name")?.line(maximum: 255)
        let value = reader.required("value").flatMap { node -> String? in
            guard let text = node.string(maximum: 1 << 16) else { return nil }
            return text.isEmpty ? text : node.line(maximum: 1 << 16)
        }
        guard let name, let value else { return nil }
        return (name, value)
    }
}

extension Correspondent {
    /// `a@b`, `Name <a@b>`, or an object with name and address.
    static func read(_ node: JSONNode) -> Correspondent? {
        switch node.value {
        case .string: node.line().map(parse)
        case .object:
            node.object { reader -> Correspondent? in
                let name = reader.optional("name")?.line(maximum: 1024)
                return reader.required("email")?.line(maximum: 1024).map { Correspondent(name: name, email: $0) }
            }
        default:
            node.string().map(parse)
        }
    }

    /// Splits `Name <a@b>`; the name may be quoted as in RFC 5322.
    static func parse(_ text: String) -> Correspondent {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            return Correspondent(email: trim(text[...]))
        }
        let email = trim(text[text.index(after: open)...].dropLast())
        var name = trim(text[..<open])
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = unquote(name.dropFirst().dropLast()) }
        return Correspondent(name: name.isEmpty ? nil : name, email: email)
    }

    private static func trim(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func unquote(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}

extension SubmissionEnvelope {
    /// The empty sender is the one of reports and automatic answers (RFC 5321 section 4.5.5).
    private static func readSender(_ node: JSONNode) -> String? {
        node.value == .string("") ? "" : node.line(maximum: 1024)
    }

    static func read(_ reader: inout ObjectReader) -> SubmissionEnvelope? {
        let recipients = reader.optional("rcptTo")
        let envelope = SubmissionEnvelope(
            mailFrom: reader.optional("mailFrom").flatMap(readSender),
            rcptTo: recipients?.array { $0.line(maximum: 1024) })
        if let recipients, envelope.rcptTo?.isEmpty == true { recipients.fail("must not be empty") }
        return envelope
    }
}
