package import Model
package import Store

/// Why a template was not taken or not found.
package enum TemplateError: Error, Sendable, Equatable {
    case notFound(TemplateID)
    case invalid([FieldFault])
    case revisionMismatch
    case staleCursor
}

/// The verbs on templates.
package struct TemplateService: Sendable {
    private let store: MailStore

    package init(store: MailStore) { self.store = store }

    package func create(_ content: TemplateContent) async throws -> Template {
        try Self.check(content)
        let now = Timestamp.now()
        let template = Template(
            id: TemplateID(rawValue: IdentifierGenerator.make(prefix: "tpl")), content: content, createdAt: now,
            updatedAt: now, revision: 1)
        try await store.templates.insert(template)
        return template
    }

    package func template(_ id: TemplateID) async throws -> Template {
        guard let found = try await store.templates.template(id) else { throw TemplateError.notFound(id) }
        return found
    }

    /// Oldest first.
    package func list(limit: Int, cursor: String?) async throws -> Page<Template> {
        let place = try cursor.map { (text) throws(TemplateError) in
            guard let place = PageCursor(text) else { throw .staleCursor }
            return place
        }
        return try await store.templates.list(after: place, limit: limit)
    }

    /// Merges the patch in; without `ifRevision` a change that came between is merged with, not overwritten.
    package func update(_ id: TemplateID, with patch: TemplatePatch, ifRevision: Int64?) async throws -> Template {
        for _ in 0..<Limits.mergeAttempts {
            var template = try await template(id)
            let revision = template.revision
            if let ifRevision, ifRevision != revision { throw TemplateError.revisionMismatch }
            template.content = patch.applied(to: template.content)
            try Self.check(template.content)
            template.updatedAt = .now()
            template.revision += 1
            if try await store.templates.update(template, ifRevision: revision) { return template }
        }
        throw TemplateError.revisionMismatch
    }

    package func delete(_ id: TemplateID, ifRevision: Int64?) async throws {
        guard try await !store.templates.delete(id, ifRevision: ifRevision) else { return }
        _ = try await template(id)
        throw TemplateError.revisionMismatch
    }

    /// What a message of this template would say.
    package func render(_ id: TemplateID, with values: [String: String]) async throws -> TemplateContent {
        try TemplateUse.rendered(try await template(id).content, with: values)
    }

    private static func check(_ content: TemplateContent) throws(TemplateError) {
        var faults: [FieldFault] = []
        if content.text == nil, content.html == nil {
            faults.append(FieldFault(pointer: "/text", detail: "at least one of text and html is needed"))
        }
        func read(_ source: String?, _ kind: TemplateText.Kind, _ pointer: String) {
            guard let source else { return }
            do {
                _ = try TemplateText(source, as: kind)
            } catch {
                faults.append(FieldFault(pointer: pointer, detail: "\(error.detail), at character \(error.offset)"))
            }
        }
        read(content.subject, .subject, "/subject")
        read(content.text, .text, "/text")
        read(content.html, .html, "/html")
        guard faults.isEmpty else { throw .invalid(faults) }
    }
}
