import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct TemplateRepositoryTests {
    private static func template(_ id: String, at time: Int64) -> Template {
        Template(
            id: TemplateID(rawValue: id),
            content: TemplateContent(name: "n", subject: "Geheimnis {{a}}", text: "t", html: nil),
            createdAt: .at(time), updatedAt: .at(time), revision: 1)
    }

    @Test(arguments: DatabaseFixture.all)
    func `templates are kept sealed, in order, and change only from the state that was seen`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            for (index, id) in ["b", "a", "c"].enumerated() {
                try await store.templates.insert(Self.template(id, at: Int64(index)))
            }
            let page = try await store.templates.list(after: nil, limit: 2)
            #expect(page.data.map(\.id.rawValue) == ["b", "a"])
            let rest = try await store.templates.list(after: page.nextCursor.flatMap { PageCursor($0) }, limit: 2)
            #expect(rest.data.map(\.id.rawValue) == ["c"] && rest.nextCursor == nil)
            var changed = page.data[0]
            changed.content.text = "other"
            changed.revision = 2
            #expect(try await store.templates.update(changed, ifRevision: 1))
            #expect(try await !store.templates.update(changed, ifRevision: 1))
            #expect(try await store.templates.template(changed.id) == changed)
            #expect(try await !store.templates.delete(changed.id, ifRevision: 1))
            #expect(try await store.templates.delete(changed.id, ifRevision: 2))
            #expect(try await store.templates.template(changed.id) == nil)
            let rows = try await database.read { sql in try sql.rows("SELECT sealed FROM templates") }
            for row in rows {
                let octets = try row.blob("sealed")
                #expect(!String(decoding: octets, as: UTF8.self).contains("Geheimnis"))
            }
        }
    }
}
