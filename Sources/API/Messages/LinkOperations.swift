import HTTP
import HTTPServer
import Model
import RemoteMail
import Representation

/// Links to attachments that work without a token: their making, and the one route that serves them.
enum LinkOperations {
    static let all = [
        Operation(
            "createAttachmentLink", .post,
            "/v1/accounts/{account}/messages/{message}/attachments/{attachment}/link", .read,
            accepts: ["application/json"], waits: true, handler: create)
    ]

    static func open(_ dependencies: APIDependencies) -> OpenOperation {
        OpenOperation("getLinkedAttachment", "/attachments/{account}/{message}/{attachment}") { request in
            try await show(request, dependencies)
        }
    }

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), LinkDraft.read)
        let account = try call.account()
        let attachment = PartID(rawValue: call.parameter("attachment"))
        // A link to nothing would be found out only by whoever gets it.
        _ = try await call.dependencies.mail.attachment(
            attachment, of: call.email, of: account, needsSize: false, deadline: call.deadline)
        let signer = call.dependencies.links
        // Whole seconds, as in the URL.
        let second = signer.now().milliseconds / 1_000 + Int64(draft.expiresIn)
        let link = AttachmentLink(
            account: account, message: call.email, attachment: attachment, disposition: draft.disposition,
            expiresAt: Timestamp(milliseconds: second * 1_000))
        return .json(CreatedLink(url: signer.url(of: link), expiresAt: link.expiresAt), .created)
    }

    private static func show(_ request: Request, _ dependencies: APIDependencies) async throws -> HTTPResponse {
        let query = try Query(request.target.queryItems, allowed: ["disposition", "expires", "signature"])
        func parameter(_ name: String) -> String { request.parameters[name] ?? "" }
        let link = try dependencies.links.link(
            account: AccountID(rawValue: parameter("account")), message: EmailID(rawValue: parameter("message")),
            attachment: PartID(rawValue: parameter("attachment")), query)
        let content = try await dependencies.mail.attachment(
            link.attachment, of: link.message, of: link.account, needsSize: request.fields[.range] != nil,
            deadline: .now + .seconds(Limits.defaultWait))
        let isShown = link.disposition == .inline && mayBeShown(content.type)
        var response = try ContentOperations.answer(
            request, content, type: content.type, name: content.name ?? "attachment",
            disposition: isShown ? "inline" : "attachment")
        let left = max(0, (link.expiresAt.milliseconds - dependencies.links.now().milliseconds) / 1_000)
        response.fields.remove(.cacheControl)
        response.fields.append(.cacheControl, "private, immutable, max-age=\(left)")
        // The URL is the key: it must not travel on in Referer.
        response.fields.append("Referrer-Policy", "no-referrer")
        return response
    }

    /// What a page may show within itself; anything else is offered for download, whatever the link says.
    private static func mayBeShown(_ type: String) -> Bool {
        guard let essence = MediaType(type)?.essence else { return false }
        return ["image/", "audio/", "video/"].contains { essence.hasPrefix($0) }
            || ["application/pdf", "text/plain"].contains(essence)
    }
}

/// The body of `createAttachmentLink`.
package struct LinkDraft: Sendable {
    package var expiresIn: Int
    package var disposition: AttachmentLink.Disposition

    package static func read(_ reader: inout ObjectReader) -> LinkDraft? {
        let expiresIn = reader.optional("expiresIn")?.integer(1...Limits.linkLifetime) ?? Limits.defaultLinkLifetime
        let disposition = reader.optional("disposition")?.choice(of: AttachmentLink.Disposition.self) ?? .attachment
        return LinkDraft(expiresIn: expiresIn, disposition: disposition)
    }
}

private struct CreatedLink: JSONWritable {
    let url: String
    let expiresAt: Timestamp

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("url", url)
            writer.member("expiresAt", expiresAt)
        }
    }
}
