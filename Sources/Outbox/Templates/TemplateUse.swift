package import Model
import Store

/// Makes subject and bodies of a draft from the template that it names.
package struct TemplateUse {
    let templates: TemplateRepository

    func filled(_ draft: SubmissionDraft) async throws -> SubmissionDraft {
        guard let id = draft.template else {
            guard draft.values == nil else {
                throw OutboxError.invalid([FieldFault(pointer: "/values", detail: "belongs to template")])
            }
            return draft
        }
        guard let template = try await templates.template(id) else {
            throw OutboxError.invalid([FieldFault(pointer: "/template", detail: "names no template")])
        }
        var faults: [FieldFault] = []
        for (name, isGiven) in [
            ("subject", draft.subject != nil), ("text", draft.text != nil), ("html", draft.html != nil),
        ] where isGiven {
            faults.append(FieldFault(pointer: "/\(name)", detail: "is given by the template"))
        }
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }
        let rendered = try TemplateUse.rendered(template.content, with: draft.values ?? [:])
        var draft = draft
        draft.subject = rendered.subject
        draft.text = rendered.text
        draft.html = rendered.html
        draft.template = nil
        draft.values = nil
        return draft
    }

    /// Subject and bodies with their values; every value that is missing is told.
    package static func rendered(
        _ content: TemplateContent, with values: [String: String]
    ) throws(OutboxError) -> TemplateContent {
        var faults: [FieldFault] = []
        func fill(_ source: String?, _ kind: TemplateText.Kind) -> String? {
            guard let source, let text = try? TemplateText(source, as: kind) else { return nil }
            let size = text.segments.reduce(0) { size, segment in
                switch segment {
                case .literal(let text): size + text.utf8.count
                case .value(let name, _): size + (values[name]?.utf8.count ?? 0)
                }
            }
            guard size <= Limits.filledTemplate else {
                faults.append(
                    FieldFault(pointer: "/values", detail: "make a text of more than \(Limits.filledTemplate) octets"))
                return nil
            }
            return text.filled(values) { name, detail in
                let fault = FieldFault(pointer: "/values/" + name.replacing(".", with: "/"), detail: detail)
                if !faults.contains(fault) { faults.append(fault) }
            }
        }
        let result = TemplateContent(
            subject: fill(content.subject, .subject), text: fill(content.text, .text), html: fill(content.html, .html))
        guard faults.isEmpty else { throw .invalid(faults) }
        return result
    }
}
