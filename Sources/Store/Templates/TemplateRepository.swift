import Database
package import Model

/// Templates: made, shown, changed, removed.
///
/// What they say is sealed, as queued mail is.
package struct TemplateRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer

    private static let columns: SQL = "id, sealed, created_at, updated_at, revision"

    package func insert(_ template: Template) async throws {
        let sealed = try sealed(template)
        try await database.execute(
            """
            INSERT INTO templates (\(Self.columns)) VALUES (
                \(template.id.rawValue), \(sealed), \(template.createdAt.milliseconds),
                \(template.updatedAt.milliseconds), \(template.revision))
            """)
    }

    package func template(_ id: TemplateID) async throws -> Template? {
        try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM templates WHERE id = \(id.rawValue)").map(opened)
        }
    }

    /// Oldest first.
    package func list(after cursor: PageCursor?, limit: Int) async throws -> Page<Template> {
        let limit = pageSize(limit)
        let after = cursor ?? .oldestFirst
        let found = try await database.read { sql in
            try sql.rows(
                """
                SELECT \(Self.columns) FROM templates
                WHERE (created_at, id) > (\(after.createdAt.milliseconds), \(after.id))
                ORDER BY created_at, id LIMIT \(limit + 1)
                """
            ).map(opened)
        }
        return Page(found, limit: limit) { PageCursor(createdAt: $0.createdAt, id: $0.id.rawValue) }
    }

    /// Stores a changed template if the stored revision is still `revision`; false where it is not, or the template is gone.
    package func update(_ template: Template, ifRevision revision: Int64) async throws -> Bool {
        let sealed = try sealed(template)
        return try await database.execute(
            """
            UPDATE templates SET sealed = \(sealed), updated_at = \(template.updatedAt.milliseconds),
                revision = \(template.revision)
            WHERE id = \(template.id.rawValue) AND revision = \(revision)
            """) == 1
    }

    package func delete(_ id: TemplateID, ifRevision revision: Int64?) async throws -> Bool {
        let condition: SQL = revision.map { "AND revision = \($0)" } ?? ""
        return try await database.execute("DELETE FROM templates WHERE id = \(id.rawValue) \(condition)") == 1
    }

    private func sealed(_ template: Template) throws(StoreError) -> [UInt8] {
        try sealer.seal(try Document.octets(TemplateDocument(template.content)), at: Self.place(template.id))
    }

    private func opened(_ row: SQLRow) throws -> Template {
        let id = TemplateID(rawValue: try row.text("id"))
        let octets = try sealer.open(try row.blob("sealed"), at: Self.place(id))
        let document = try Document.decode(TemplateDocument.self, from: octets, place: "templates/sealed")
        return Template(
            id: id, content: document.model, createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")), revision: try row.integer("revision"))
    }

    static func place(_ id: TemplateID) -> SealedPlace {
        SealedPlace(table: "templates", row: id.rawValue, column: "sealed")
    }
}

/// The sealed column of a template.
private struct TemplateDocument: Codable {
    var name: String?
    var subject: String?
    var text: String?
    var html: String?

    init(_ content: TemplateContent) {
        name = content.name
        subject = content.subject
        text = content.text
        html = content.html
    }

    var model: TemplateContent { TemplateContent(name: name, subject: subject, text: text, html: html) }
}
