import HTTP
import HTTPServer
import Model

/// `/v1/accounts/{account}/mailboxes`.
enum MailboxOperations {
    private static let mailboxes = "/v1/accounts/{account}/mailboxes"
    private static let mailbox = mailboxes + "/{mailbox}"

    static let all = [
        Operation("listMailboxes", .get, mailboxes, .read, waits: true, handler: list),
        Operation(
            "createMailbox", .post, mailboxes, .write, accepts: ["application/json"], waits: true, handler: create),
        Operation("getMailbox", .get, mailbox, .read, waits: true, handler: show),
        Operation(
            "updateMailbox", .patch, mailbox, .write, accepts: ["application/merge-patch+json", "application/json"],
            waits: true, handler: update),
        Operation("deleteMailbox", .delete, mailbox, .write, query: ["force"], waits: true, handler: remove),
        Operation("getQuota", .get, "/v1/accounts/{account}/quota", .read, waits: true, handler: quota),
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let mailboxes = try await call.dependencies.mail.mailboxes(of: call.account(), deadline: call.deadline)
        return .page(Page(data: mailboxes, nextCursor: nil), for: call)
    }

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), MailboxDraft.read)
        let account = try call.account()
        let mailbox = try await call.dependencies.mail.createMailbox(draft, of: account, deadline: call.deadline)
        return .json(mailbox, .created).located(at: ResourcePath.mailbox(mailbox.id, of: account))
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        .json(try await call.dependencies.mail.mailbox(call.mailbox, of: call.account(), now: call.deadline))
    }

    private static func update(_ call: Call) async throws -> HTTPResponse {
        let patch = try call.json().read(FaultCollector(), MailboxPatch.read)
        let account = try call.account()
        let mailbox = try await call.dependencies.mail.updateMailbox(
            call.mailbox, with: patch, of: account, deadline: call.deadline)
        var response = HTTPResponse.json(mailbox)
        response.fields.append("Content-Location", ResourcePath.mailbox(mailbox.id, of: account))
        return response
    }

    private static func remove(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let force = call.query.bool("force", faults) ?? false
        try faults.check()
        try await call.dependencies.mail.deleteMailbox(
            call.mailbox, force: force, of: call.account(), deadline: call.deadline)
        return HTTPResponse(.noContent)
    }

    private static func quota(_ call: Call) async throws -> HTTPResponse {
        let usage = try await call.dependencies.mail.quota(of: call.account(), deadline: call.deadline)
        return .page(Page(data: usage, nextCursor: nil), for: call)
    }
}

extension Call {
    /// The mailbox of the path, by id or role.
    fileprivate var mailbox: MailboxReference { MailboxReference(parameter("mailbox")) }
}
