import HTTP
import HTTPServer
import Model
import Outbox
import Representation

/// `/v1/accounts/{account}/submissions` and `/v1/submissions`.
enum SubmissionOperations {
    /// What JSON has members for.
    private static let rawParameters = ["mailFrom", "rcptTo", "saveToSent"] + SubmissionTerms.parameters

    static let all = [
        Operation(
            "createSubmission", .post, "/v1/accounts/{account}/submissions", .send,
            query: rawParameters, accepts: ["application/json", "message/rfc822", "multipart/form-data"], waits: true,
            spools: ["message/rfc822", "multipart/form-data"], handler: create),
        Operation(
            "listAccountSubmissions", .get, "/v1/accounts/{account}/submissions", .read, .send,
            query: ["limit", "cursor"], handler: listOfAccount),
        Operation(
            "getSubmission", .get, "/v1/accounts/{account}/submissions/{submission}", .read, .send, handler: show),
        Operation(
            "cancelSubmission", .delete, "/v1/accounts/{account}/submissions/{submission}", .send, handler: cancel),
        Operation(
            "retrySubmission", .post, "/v1/accounts/{account}/submissions/{submission}/retry", .send, handler: retry),
        Operation("listSubmissions", .get, "/v1/submissions", .read, .send, query: ["limit", "cursor"], handler: list),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let account = try call.account()
        let submission =
            switch call.mediaType {
            case "message/rfc822": try await submitRaw(call, account)
            default: try await submitDraft(call, account)
            }
        return .json(submission, .accepted).located(at: ResourcePath.submission(submission.id, of: account))
    }

    private static func submitDraft(_ call: Call, _ account: AccountID) async throws -> Submission {
        let faults = FaultCollector()
        for name in rawParameters where call.query[name] != nil {
            faults.add(RequestFault(.parameter(name), "is for message/rfc822 bodies; a draft has members for it"))
        }
        try faults.check()
        let (body, draft, uploads) = try await read(call)
        do {
            return try await call.dependencies.submissions.submit(
                draft, uploads: uploads, source: call.source, for: account, deadline: call.deadline)
        } catch OutboxError.invalid(let found) {
            throw Problem.invalid(found.map { RequestFault(.pointer(body.existing($0.pointer)), $0.detail) })
        }
    }

    private static func read(
        _ call: Call
    ) async throws -> (JSONValue, SubmissionDraft, [String: ContentSource]) {
        guard let upload = call.upload else {
            let (body, draft) = try await decode(call, SubmissionDraft.read)
            return (body, draft, [:])
        }
        let form = try await SubmissionForm(upload)
        return (form.body, form.draft, form.uploads)
    }

    private static func submitRaw(_ call: Call, _ account: AccountID) async throws -> Submission {
        let faults = FaultCollector()
        let terms = SubmissionTerms(call, faults)
        try faults.check()
        guard let upload = call.upload, upload.file.size > 0 else {
            throw Problem.invalid([RequestFault(.pointer(""), "is empty")])
        }
        let recipients = call.query.all("rcptTo")
        let mailFrom = call.query["mailFrom"]
        let envelope =
            mailFrom == nil && recipients.isEmpty
            ? nil : SubmissionEnvelope(mailFrom: mailFrom, rcptTo: recipients.isEmpty ? nil : recipients)
        do {
            return try await call.dependencies.submissions.submit(
                raw: upload.file, envelope: envelope, terms: terms, for: account)
        } catch OutboxError.invalid(let found) {
            throw Problem.invalid(found.map(rawFault))
        }
    }

    /// The engine names members of the envelope; here they are query parameters, and the rest is the one body.
    private static func rawFault(_ fault: FieldFault) -> RequestFault {
        if fault.pointer == "/sendAt" { return RequestFault(.parameter("sendAt"), fault.detail) }
        for name in ["mailFrom", "rcptTo"] where fault.pointer.hasPrefix("/envelope/" + name) {
            return RequestFault(.parameter(name), fault.detail)
        }
        return RequestFault(.pointer(""), fault.pointer.isEmpty ? fault.detail : "\(fault.pointer) \(fault.detail)")
    }

    /// Reads the body; a large one (attachments in base64) not on the event loop, which serves others meanwhile.
    static func decode(_ call: Call, _ read: @escaping Reader) async throws -> (JSONValue, SubmissionDraft) {
        try await decodeElsewhere(call) { body in (body, try body.read(FaultCollector(), read)) }
    }

    typealias Reader = @Sendable (inout ObjectReader) -> SubmissionDraft?

    /// The same for any body of JSON.
    static func decodeElsewhere<Value: Sendable>(
        _ call: Call, _ read: @escaping @Sendable (JSONValue) throws -> Value
    ) async throws -> Value {
        guard call.body.count > Limits.inlineBody else { return try read(try call.json()) }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await concurrently(call, read) }
    }

    @concurrent private static func concurrently<Value: Sendable>(
        _ call: Call, _ read: @Sendable (JSONValue) throws -> Value
    ) async throws -> Value {
        try read(try call.json())
    }

    private static func listOfAccount(_ call: Call) async throws -> HTTPResponse {
        try await list(call, account: call.account())
    }

    private static func list(_ call: Call) async throws -> HTTPResponse { try await list(call, account: nil) }

    private static func list(_ call: Call, account: AccountID?) async throws -> HTTPResponse {
        try await call.page { limit, cursor in
            try await call.dependencies.submissions.list(
                account: account, visible: call.principal.accounts, limit: limit, cursor: cursor)
        }
    }

    private static func cancel(_ call: Call) async throws -> HTTPResponse {
        try await call.dependencies.submissions.cancel(
            SubmissionID(rawValue: call.parameter("submission")), of: call.account())
        return HTTPResponse(.noContent)
    }

    private static func retry(_ call: Call) async throws -> HTTPResponse {
        .json(
            try await call.dependencies.submissions.retry(
                SubmissionID(rawValue: call.parameter("submission")), of: call.account()), .accepted)
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        let submission = try await call.dependencies.submissions.submission(
            SubmissionID(rawValue: call.parameter("submission")), of: call.account())
        let tag = EntityTag.of([String(decoding: JSONWriter.bytes(of: submission), as: UTF8.self)])
        if try call.alreadyHas(tag) { return .notModified(tag) }
        return .json(submission, tag: tag)
    }
}
