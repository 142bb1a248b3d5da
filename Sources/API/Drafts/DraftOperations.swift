import HTTP
import HTTPServer
package import Model
import Outbox
import Representation

/// `/v1/accounts/{account}/drafts`.
enum DraftOperations {
    private static let drafts = "/v1/accounts/{account}/drafts"

    static let all = [
        Operation("createDraft", .post, drafts, .write, accepts: ["application/json"], waits: true, handler: create),
        Operation(
            "replaceDraft", .put, drafts + "/{message}", .write, accepts: ["application/json"], waits: true,
            handler: replace),
        Operation(
            "sendDraft", .post, drafts + "/{message}/send", .send, query: ["saveToSent"] + SubmissionTerms.parameters,
            waits: true, handler: send),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let account = try call.account()
        let message = try await storing(call) { draft in
            try await call.dependencies.drafts.createDraft(draft, of: account, deadline: call.deadline)
        }
        guard let message else { return HTTPResponse(.noContent) }
        return .json(MessageSummary(message), .created, tag: message.tag)
            .located(at: ResourcePath.message(message.id, of: account))
    }

    private static func replace(_ call: Call) async throws -> HTTPResponse {
        let account = try call.account()
        let message = try await storing(call) { draft in
            try await call.dependencies.drafts.replaceDraft(
                call.email, with: draft, of: account, deadline: call.deadline)
        }
        guard let message else { return HTTPResponse(.noContent) }
        var response = HTTPResponse.json(MessageSummary(message), tag: message.tag)
        response.fields.append("Content-Location", ResourcePath.message(message.id, of: account))
        return response
    }

    private static func send(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        var terms = SubmissionTerms(call, faults)
        // The draft is the source, so that sent twice it is one submission.
        terms.source = nil
        try faults.check()
        let account = try call.account()
        let submission = try await call.dependencies.drafts.sendDraft(
            call.email, terms: terms, of: account, deadline: call.deadline)
        return .json(submission, .accepted).located(at: ResourcePath.submission(submission.id, of: account))
    }

    /// Faults of the composer point at what the caller wrote.
    private static func storing(
        _ call: Call, _ store: (SubmissionDraft) async throws -> Message?
    ) async throws -> Message? {
        let (body, draft) = try await SubmissionOperations.decode(call, SubmissionDraft.readStored)
        do {
            return try await store(draft)
        } catch OutboxError.invalid(let found) {
            throw Problem.invalid(found.map { RequestFault(.pointer(body.existing($0.pointer)), $0.detail) })
        }
    }
}

extension SubmissionDraft {
    /// The members of a submission but those that no message can keep.
    package static func readStored(_ reader: inout ObjectReader) -> SubmissionDraft? {
        let draft = read(&reader)
        for name in ["saveToSent", "sendAt", "requireTls", "priority"] where reader.member(name) != nil {
            reader.fail(name, "is given when the draft is sent")
        }
        for name in ["envelope", "dsn", "deliverBy", "holdUntil", "whenUnknown", "keywords"]
        where reader.member(name) != nil {
            reader.fail(name, "is for submissions: no draft can keep it")
        }
        return draft
    }
}
