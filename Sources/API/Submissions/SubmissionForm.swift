import HTTP
import Model
import Outbox
import Representation

/// A submission as `multipart/form-data`: the part `message` is the JSON, every other one a file.
struct SubmissionForm {
    let body: JSONValue
    let draft: SubmissionDraft
    /// The files by the names of their parts.
    let uploads: [String: ContentSource]

    /// A file that no attachment names by `part` is an attachment of its own, in the order of the form.
    init(_ upload: SpooledBody) async throws {
        let messages = upload.parts.filter { $0.name == "message" }
        guard let message = messages.first, messages.count == 1 else {
            throw Self.invalid("must have one part named message, with the members of a submission in JSON")
        }
        guard message.range.count <= Limits.formMessage else {
            throw Self.invalid("has a message part of more than \(Limits.formMessage) octets: send files as parts")
        }
        let collected = try await upload.file.read(message.range.lowerBound, message.range.count)
        do {
            body = try JSONParser.parse(collected)
        } catch {
            throw Problem(.malformedJSON, "The part message is not JSON: \(error).")
        }
        var draft = try body.read(FaultCollector(), SubmissionDraft.read)
        var uploads: [String: ContentSource] = [:]
        let named = Set(
            draft.attachments.compactMap { attachment in
                if case .part(let name) = attachment.content { name } else { nil }
            })
        for part in upload.parts where part.name != "message" {
            // Browsers give several files of one input the same name.
            var key = part.name
            while uploads[key] != nil { key += "'" }
            let file = upload.file.part(part.range)
            uploads[key] = ContentSource(name: part.fileName, type: part.type) { sink in try await file.stream(sink) }
            if !named.contains(key) {
                draft.attachments.append(SubmissionAttachment(name: nil, type: nil, content: .part(key)))
            }
        }
        self.draft = draft
        self.uploads = uploads
    }

    private static func invalid(_ detail: String) -> Problem { .invalid([RequestFault(.pointer(""), detail)]) }
}
