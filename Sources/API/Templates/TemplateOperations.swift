import HTTP
import HTTPServer
import Model
import Outbox
import Representation

/// `/v1/templates`.
///
/// Templates belong to no account, so only a token with the scope `admin` changes them; whoever may send may read them.
enum TemplateOperations {
    private static let templates = "/v1/templates"
    private static let template = templates + "/{template}"

    static let all = [
        Operation("createTemplate", .post, templates, .admin, accepts: ["application/json"], handler: create),
        Operation("listTemplates", .get, templates, .read, .send, query: ["limit", "cursor"], handler: list),
        Operation("getTemplate", .get, template, .read, .send, handler: show),
        Operation(
            "updateTemplate", .patch, template, .admin,
            accepts: ["application/merge-patch+json", "application/json"], handler: update),
        Operation("deleteTemplate", .delete, template, .admin, handler: remove),
        Operation(
            "renderTemplate", .post, template + "/render", .read, .send, accepts: ["application/json"],
            handler: render),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let content = try call.json().read(FaultCollector(), TemplateContent.read)
        let template = try await call.dependencies.templates.create(content)
        return .json(template, .created, tag: template.tag)
            .located(at: templates + "/" + PercentEncoding.encode(template.id.rawValue))
    }

    private static func list(_ call: Call) async throws -> HTTPResponse {
        try await call.page { limit, cursor in
            try await call.dependencies.templates.list(limit: limit, cursor: cursor)
        }
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        let template = try await call.dependencies.templates.template(id(call))
        if try call.alreadyHas(template.tag) { return .notModified(template.tag) }
        return .json(template, tag: template.tag)
    }

    private static func update(_ call: Call) async throws -> HTTPResponse {
        let patch = try call.json().read(FaultCollector(), TemplatePatch.read)
        let template = try await call.dependencies.templates.update(
            id(call), with: patch, ifRevision: ifRevision(call))
        return .json(template, tag: template.tag)
    }

    private static func remove(_ call: Call) async throws -> HTTPResponse {
        try await call.dependencies.templates.delete(id(call), ifRevision: ifRevision(call))
        return HTTPResponse(.noContent)
    }

    private static func render(_ call: Call) async throws -> HTTPResponse {
        let body = try call.json()
        let values = try body.read(FaultCollector()) { reader in
            reader.optional("values").map(TemplateValues.read) ?? [:]
        }
        do {
            return .json(FilledTemplate(try await call.dependencies.templates.render(id(call), with: values)))
        } catch OutboxError.invalid(let found) {
            throw Problem.invalid(found.map { RequestFault(.pointer(body.existing($0.pointer)), $0.detail) })
        }
    }

    private static func id(_ call: Call) -> TemplateID { TemplateID(rawValue: call.parameter("template")) }

    /// The revision that `If-Match` asks for; see `AccountOperations`.
    private static func ifRevision(_ call: Call) async throws -> Int64? {
        guard case .tags(let tags) = try call.condition(.ifMatch) else { return nil }
        let revisions = tags.filter { !$0.isWeak }.compactMap(Account.revision(of:))
        if revisions.count == 1 { return revisions[0] }
        let current = try await call.dependencies.templates.template(id(call)).revision
        guard revisions.contains(current) else {
            throw Problem(.preconditionFailed, "The template has none of these entity tags.")
        }
        return current
    }
}

extension Template {
    /// `<revision>.<what the rest shows>`.
    var tag: EntityTag {
        let shown = EntityTag.of([String(decoding: JSONWriter.bytes(of: self), as: UTF8.self)])
        return EntityTag("\(revision).\(shown.value)")
    }
}
