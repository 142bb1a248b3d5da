import HTTP
import HTTPServer
package import Model
package import RemoteMail
import Representation

/// Many messages in one request, and a message from outside.
enum BatchOperations {
    private static let messages = "/v1/accounts/{account}/messages"

    static let all = [
        Operation(
            "importMessage", .post, messages, .write, query: ["mailbox", "keywords", "receivedAt"],
            accepts: ["message/rfc822"], waits: true, spools: ["message/rfc822"], handler: importMessage),
        Operation(
            "batchMessages", .post, messages + "/batch", .write, accepts: ["application/json"], waits: true,
            handler: batch),
    ]

    private static func importMessage(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let receivedAt = call.query.timestamp("receivedAt", faults)
        let keywords = call.query["keywords"]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if let fault = keywords?.lazy.compactMap(KeywordChanges.fault(of:)).first {
            faults.add(RequestFault(.parameter("keywords"), "holds what " + fault))
        }
        let upload = call.upload?.upload ?? MessageUpload([])
        if upload.size == 0 { faults.add(RequestFault(.pointer(""), "is empty")) }
        try faults.check()
        let account = try call.account()
        let message = try await call.dependencies.mail.importMessage(
            upload, into: MailboxReference(call.query["mailbox"] ?? "inbox"), keywords: keywords ?? [],
            receivedAt: receivedAt, of: account, deadline: call.deadline)
        guard let message else { return HTTPResponse(.noContent) }
        return .json(MessageSummary(message), .created, tag: message.tag)
            .located(at: ResourcePath.message(message.id, of: account))
    }

    private static func batch(_ call: Call) async throws -> HTTPResponse {
        let request = try call.json().read(FaultCollector(), BatchRequest.read)
        let account = try call.account()
        switch request.selection {
        case .ids(let ids):
            let outcomes = try await call.dependencies.mail.batch(
                ids, request.action, of: account, deadline: call.deadline)
            return .json(BatchAnswer(page: BatchPage(outcomes: outcomes)))
        case .filter(let query, let limit, let cursor):
            do {
                let page = try await call.dependencies.mail.batch(
                    matching: query, request.action, of: account, limit: limit, cursor: cursor,
                    deadline: call.deadline)
                return .json(BatchAnswer(page: page))
            } catch RemoteMailError.staleCursor {
                throw Problem(
                    .staleCursor, "The cursor continues nothing that is still there.",
                    errors: [RequestFault(.pointer("/cursor"), "is no cursor of such a batch, or not any more")])
            }
        }
    }
}

/// The body of `batchMessages`.
package struct BatchRequest: Sendable {
    /// Which messages are meant.
    package enum Selection: Sendable {
        case ids([EmailID])
        case filter(MessageQuery, limit: Int, cursor: String?)
    }

    package var selection: Selection
    package var action: BatchAction

    package static func read(_ reader: inout ObjectReader) -> BatchRequest? {
        let selection = readSelection(&reader)
        let action = reader.required("action")?.object(BatchAction.read)
        guard let selection, let action else { return nil }
        return BatchRequest(selection: selection, action: action)
    }

    private static func readSelection(_ reader: inout ObjectReader) -> Selection? {
        let ids = reader.optional("ids")
        let filter = reader.optional("filter")
        let mailbox = reader.optional("mailbox")
        let limit = reader.optional("limit")
        let cursor = reader.optional("cursor")
        switch (ids, filter) {
        case (let ids?, nil):
            for (name, node) in [("mailbox", mailbox), ("limit", limit), ("cursor", cursor)] where node != nil {
                reader.fail(name, "belongs to filter")
            }
            let list = ids.array { $0.line(maximum: 255).map { EmailID(rawValue: $0) } }
            if let list, list.isEmpty { ids.fail("must name a message") }
            if let list, list.count > Limits.batch { ids.fail("must not name more than \(Limits.batch) messages") }
            return list.map { .ids($0) }
        case (nil, let filter?):
            var query = MessageQuery(mailbox: mailbox?.line().map(MailboxReference.init))
            var size = 0
            query.filter = MessageFilter.read(filter, depth: 1, size: &size)
            // A slip must not change all mail there is.
            if mailbox == nil, query.filter == .condition(MessageCondition()) {
                filter.fail("must hold a condition where no mailbox is named")
            }
            return .filter(
                query, limit: limit?.integer(1...Limits.batch) ?? Limits.batch, cursor: cursor?.line(maximum: .max))
        case (_?, _?): reader.failWhole("must have only one of ids and filter")
        case (nil, nil): reader.failWhole("must have ids or filter")
        }
        return nil
    }
}

extension BatchAction {
    static func read(_ reader: inout ObjectReader) -> BatchAction? {
        var action = BatchAction()
        if let node = reader.optional("keywords") { action.keywords = KeywordChanges.readMap(node) ?? [:] }
        let move = reader.optional("move")?.line().map { Transfer.move(MailboxReference($0)) }
        let copy = reader.optional("copy")?.line().map { Transfer.copy(MailboxReference($0)) }
        let deletes = reader.optional("delete")?.bool() ?? false
        let permanently = reader.optional("permanently")?.bool() ?? false
        let transfers = [move, copy, deletes ? .delete(permanently: permanently) : nil].compactMap { $0 }
        if permanently, !deletes { reader.fail("permanently", "belongs to delete") }
        if transfers.count > 1 { reader.failWhole("must have only one of move, copy and delete") }
        if transfers.isEmpty, action.keywords.isEmpty {
            reader.failWhole("must have keywords, or one of move, copy and delete")
        }
        action.transfer = transfers.first
        return action
    }
}

/// What became of each message, in the order in which they were named or found.
private struct BatchAnswer: JSONWritable {
    let page: BatchPage

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("done", page.outcomes.count { $0.error == nil })
            writer.name("results")
            writer.array(page.outcomes) { writer, outcome in
                writer.object { writer in
                    writer.member("id", outcome.id)
                    writer.member("newId", outcome.newID)
                    writer.name("error")
                    if let error = outcome.error { write(error, to: &writer) } else { writer.null() }
                }
            }
            writer.member("nextCursor", page.nextCursor)
        }
    }

    private func write(_ error: any Error, to writer: inout JSONWriter) {
        let problem = Problem(expected: error) ?? Problem(.internalError, "It failed.")
        writer.object { writer in
            writer.member("type", problem.slug.path)
            writer.member("detail", problem.detail)
        }
    }
}
