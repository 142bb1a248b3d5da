import HTTP
import HTTPServer
import Model
import Outbox
import Representation

/// Many messages in one request, each with its own result.
enum SubmissionBatchOperations {
    static let all = [
        Operation(
            "createSubmissions", .post, "/v1/accounts/{account}/submissions/batch", .send,
            accepts: ["application/json"], waits: true, handler: create)
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let account = try call.account()
        let (body, drafts) = try await SubmissionOperations.decodeElsewhere(call) { body in
            (body, try SubmissionBatch.read(body))
        }
        let valid = drafts.enumerated().compactMap { index, draft in
            if case .success(let draft) = draft { (index: index, draft: draft) } else { nil }
        }
        // A thousand messages are composed: not on the event loop, which serves others meanwhile.
        let outcomes = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await call.dependencies.submissions.submit(
                batch: valid.map(\.draft), source: call.source, for: account, deadline: call.deadline)
        }
        var results = drafts.map { draft -> Result<Submission, Problem> in
            if case .failure(let problem) = draft {
                .failure(problem)
            } else {
                .failure(Problem(.internalError, "It failed."))
            }
        }
        for (place, outcome) in zip(valid, outcomes) {
            results[place.index] = outcome.mapError { error in
                guard case .invalid(let faults) = error else { return Problem(error) }
                return .invalid(
                    faults.map { fault in
                        RequestFault(
                            .pointer(SubmissionBatch.pointer(fault.pointer, place.index, in: body)), fault.detail)
                    })
            }
        }
        return .json(SubmissionBatchAnswer(results: results), .accepted)
    }
}

/// The body of `createSubmissions`: what all messages have in common, and what each has for itself.
enum SubmissionBatch {
    /// Faults of the batch itself are thrown; those of one message are its result.
    static func read(_ body: JSONValue) throws(Problem) -> [Result<SubmissionDraft, Problem>] {
        let faults = FaultCollector()
        var messages: [JSONValue] = []
        let common = try body.read(faults) { reader -> JSONValue? in
            let common = reader.optional("common")
            if let common, case .object = common.value {} else { common?.fail("must be an object") }
            if let node = reader.required("messages"), case .array(let elements) = node.value {
                messages = elements
                if elements.isEmpty { node.fail("must not be empty") }
                if elements.count > Limits.submissions {
                    node.fail("must not have more than \(Limits.submissions) messages")
                }
            } else {
                reader.fail("messages", "must be a list")
            }
            return common?.value ?? .object([])
        }
        return messages.enumerated().map { index, message in read(message, index, common) }
    }

    private static func read(
        _ message: JSONValue, _ index: Int, _ common: JSONValue
    ) -> Result<SubmissionDraft, Problem> {
        let faults = FaultCollector()
        do throws(Problem) {
            let draft = try merged(message, into: common).read(faults) { reader in
                for name in ["reference"] where reader.member(name) != nil {
                    reader.fail(name, "is for single submissions")
                }
                let draft = SubmissionDraft.read(&reader)
                for (place, attachment) in (draft?.attachments ?? []).enumerated() {
                    // A thousand downloads of one file are nobody's wish.
                    if case .stored = attachment.content {
                        faults.add(
                            RequestFault(.pointer("/attachments/\(place)/messageId"), "is for single submissions"))
                    }
                }
                return draft
            }
            return .success(draft)
        } catch {
            var problem = error
            problem.errors = problem.errors.map { fault in
                guard case .pointer(let pointer) = fault.location else { return fault }
                return RequestFault(
                    .pointer(Self.pointer(pointer, message, index, common: common)), fault.detail, code: fault.code)
            }
            return .failure(.invalid(problem.errors))
        }
    }

    /// The message's members win; `values` are taken together.
    private static func merged(_ message: JSONValue, into common: JSONValue) -> JSONValue {
        guard case .object(let own) = message, case .object(let shared) = common else { return message }
        var members = shared.filter { member in !own.contains { $0.name == member.name } }
        for member in own {
            let isValues = member.name == "values"
            let value =
                if isValues, let values = common["values"] { merged(member.value, into: values) } else { member.value }
            members.append(JSONMember(name: member.name, value: value))
        }
        return .object(members)
    }

    /// Where a fault stands in the whole body.
    static func pointer(_ pointer: String, _ index: Int, in body: JSONValue) -> String {
        guard case .array(let messages)? = body["messages"], messages.indices.contains(index) else { return pointer }
        return self.pointer(pointer, messages[index], index, common: body["common"] ?? .object([]))
    }

    private static func pointer(_ pointer: String, _ message: JSONValue, _ index: Int, common: JSONValue) -> String {
        let first = pointer.split(separator: "/").first.map(String.init) ?? ""
        if message[first] == nil, common[first] != nil { return "/common" + common.existing(pointer) }
        return "/messages/\(index)" + message.existing(pointer)
    }
}

/// What became of each message, in the order in which they were given.
private struct SubmissionBatchAnswer: JSONWritable {
    let results: [Result<Submission, Problem>]

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("accepted", results.count { if case .success = $0 { true } else { false } })
            writer.name("results")
            writer.array(results) { writer, result in
                writer.object { writer in
                    switch result {
                    case .success(let submission):
                        writer.member("submission", submission)
                        writer.name("error")
                        writer.null()
                    case .failure(let problem):
                        writer.name("submission")
                        writer.null()
                        writer.name("error")
                        writer.object { writer in
                            writer.member("type", problem.slug.path)
                            writer.member("detail", problem.detail)
                            writer.member("errors", array: problem.errors)
                        }
                    }
                }
            }
        }
    }
}
