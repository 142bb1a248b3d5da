import HTTP
import HTTPServer
import Model
import RemoteMail
import Representation

/// `/v1/accounts/{account}/messages`.
enum MessageOperations {
    private static let message = "/v1/accounts/{account}/messages/{message}"

    static let all = [
        Operation(
            "listMessages", .get, "/v1/accounts/{account}/messages", .read,
            query: MessageQuery.parameters + ["limit", "cursor"], waits: true, handler: list),
        Operation(
            "searchMessages", .post, "/v1/accounts/{account}/messages/search", .read, accepts: ["application/json"],
            waits: true, handler: search),
        Operation(
            "getMessage", .get, message, .read,
            query: ["bodies", "html", "headers", "maxBodyBytes", "markSeen", "verifyDkim"], waits: true, handler: show),
        Operation(
            "updateMessage", .patch, message, .write, accepts: ["application/merge-patch+json", "application/json"],
            waits: true, handler: update),
        Operation("deleteMessage", .delete, message, .write, query: ["permanently"], waits: true, handler: remove),
        Operation("getRawMessage", .get, message + "/raw", .read, waits: true, handler: ContentOperations.raw),
        Operation(
            "getAttachment", .get, message + "/attachments/{attachment}", .read, waits: true,
            handler: ContentOperations.attachment),
        Operation(
            "moveMessage", .post, message + "/move", .write, accepts: ["application/json"], waits: true, handler: move),
        Operation(
            "copyMessage", .post, message + "/copy", .write, accepts: ["application/json"], waits: true, handler: copy),
        Operation("markSpam", .post, message + "/spam", .write, waits: true) { try await judgeSpam($0, isSpam: true) },
        Operation("markNotSpam", .post, message + "/not-spam", .write, waits: true) {
            try await judgeSpam($0, isSpam: false)
        },
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let query = MessageQuery(call.query, faults)
        try faults.check()
        return try await call.page { limit, cursor in
            let page = try await call.dependencies.mail.messages(
                of: call.account(), matching: query, limit: limit, cursor: cursor, deadline: call.deadline)
            return Page(
                data: page.data.map { MessageSummary($0, fields: query.fields) }, nextCursor: page.nextCursor)
        }
    }

    /// A list whose filter is a body; its `cursor` is a member too, so there is no `Link`.
    private static func search(_ call: Call) async throws -> HTTPResponse {
        let search = try call.json().read(FaultCollector(), MessageSearch.read)
        do {
            let page = try await call.dependencies.mail.messages(
                of: call.account(), matching: search.query, limit: search.limit, cursor: search.cursor,
                deadline: call.deadline)
            return .json(
                JSONPage(
                    data: page.data.map { MessageSummary($0, fields: search.query.fields) },
                    nextCursor: page.nextCursor))
        } catch RemoteMailError.staleCursor {
            throw Problem(
                .staleCursor, "The cursor continues nothing that is still there.",
                errors: [RequestFault(.pointer("/cursor"), "is no cursor of this search, or not any more")])
        }
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let options = MessageOptions(call.query, faults)
        let form = HTMLForm(call.query, faults)
        try faults.check()
        if options.marksSeen { try Access.check(call.principal, [.write]) }
        let message = try await call.dependencies.mail.message(
            call.email, of: call.account(), options: options, deadline: call.deadline)
        // Of links that expire, and of keys that may have been revoked, a fresh copy is wanted, though nothing else changed.
        let expires = options.verifiesSignatures || form == .safe && message.hasImageLinks
        if !expires, try call.alreadyHas(message.tag) { return .notModified(message.tag) }
        let shown = try await form.apply(
            to: message, of: call.account(), links: call.dependencies.links, sanitize: call.dependencies.sanitize)
        return .json(
            WholeMessage(shown.message, showsHeaders: !options.headers.isEmpty, blockedRemote: shown.blockedRemote),
            tag: message.tag)
    }

    private static func update(_ call: Call) async throws -> HTTPResponse {
        let changes = try call.json().read(FaultCollector(), MessageChanges.read)
        try await checkPrecondition(call)
        let (mail, account) = (call.dependencies.mail, try call.account())
        var message: Message?
        // What can fail for the caller's sake comes first, so that half of a change is never made for it.
        if let mailboxes = changes.mailboxes {
            message = try await mail.setMailboxes(mailboxes, of: call.email, in: account, deadline: call.deadline)
        }
        if let keywords = changes.keywords {
            message = try await mail.setKeywords(keywords, on: call.email, of: account, deadline: call.deadline)
        }
        return moved(message, of: account)
    }

    private static func remove(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let permanently = call.query.bool("permanently", faults) ?? false
        try faults.check()
        try await checkPrecondition(call)
        try await call.dependencies.mail.delete(
            call.email, of: call.account(), permanently: permanently, deadline: call.deadline)
        return HTTPResponse(.noContent)
    }

    private static func move(_ call: Call) async throws -> HTTPResponse {
        let mailbox = try call.json().read(FaultCollector(), MailboxReference.readTarget)
        let account = try call.account()
        return moved(
            try await call.dependencies.mail.move(call.email, to: mailbox, of: account, deadline: call.deadline),
            of: account)
    }

    private static func judgeSpam(_ call: Call, isSpam: Bool) async throws -> HTTPResponse {
        let account = try call.account()
        return moved(
            try await call.dependencies.mail.judgeSpam(
                call.email, isSpam: isSpam, of: account, deadline: call.deadline), of: account)
    }

    /// Nothing to show is a success too: the message is there, and the mail server does not tell under which id.
    private static func moved(_ message: Message?, of account: AccountID) -> HTTPResponse {
        guard let message else { return HTTPResponse(.noContent) }
        var response = HTTPResponse.json(MessageSummary(message), tag: message.tag)
        response.fields.append("Content-Location", ResourcePath.message(message.id, of: account))
        return response
    }

    private static func copy(_ call: Call) async throws -> HTTPResponse {
        let mailbox = try call.json().read(FaultCollector(), MailboxReference.readTarget)
        let account = try call.account()
        let message = try await call.dependencies.mail.copy(
            call.email, to: mailbox, of: account, deadline: call.deadline)
        guard let message else { return HTTPResponse(.noContent) }
        return .json(MessageSummary(message), .created, tag: message.tag)
            .located(at: ResourcePath.message(message.id, of: account))
    }

    /// `If-Match` of a message: looked at just before the change, because the mail server compares no tags for us.
    private static func checkPrecondition(_ call: Call) async throws {
        guard let condition = try call.condition(.ifMatch) else { return }
        var options = MessageOptions()
        options.wantsText = false
        options.wantsHTML = false
        let current = try await call.dependencies.mail.message(
            call.email, of: call.account(), options: options, deadline: call.deadline)
        guard condition.matchesStrongly(current.tag) else {
            throw Problem(.preconditionFailed, "The message changed in the meantime.")
        }
    }
}

extension Call {
    /// The message of the path; whether it is one, the engine says.
    var email: EmailID { EmailID(rawValue: parameter("message")) }
}
