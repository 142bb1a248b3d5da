import Database
import Model
import Store
import TestDatabases
import Testing
import Wire

@Suite struct WebhookRepositoryTests {
    private let id = WebhookID(rawValue: "whk_1")

    @Test(arguments: DatabaseFixture.all)
    func `gives back what was stored, newest settings included`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            var stored = StoredWebhook.sample("whk_1")
            try await store.webhooks.insert(stored)
            #expect(try await store.webhooks.webhook(id) == stored)
            #expect(try await store.webhooks.revisions() == [id: 1])

            stored.webhook.settings.url = "https://other.example/"
            stored.webhook.settings.filter = WebhookFilter(from: "x", hasAttachment: false)
            stored.webhook.settings.types = nil
            stored.webhook.state = .switchedOff(.request)
            stored.webhook.previousSecretExpiresAt = .at(99)
            stored.webhook.revision = 2
            stored.secrets = WebhookSecrets(
                current: Secret("new"), previous: [.init(stored.secrets.current, until: .at(99))])
            #expect(try await !store.webhooks.update(stored, ifRevision: 7, resetsHealth: false))
            #expect(try await store.webhooks.update(stored, ifRevision: 1, resetsHealth: false))
            #expect(try await store.webhooks.webhook(id) == stored)
            #expect(try await !store.webhooks.delete(id, ifRevision: 1))
            #expect(try await store.webhooks.delete(id, ifRevision: 2))
            #expect(try await store.webhooks.webhook(id) == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `lists oldest first, page by page`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            for number in 1...5 { try await store.webhooks.insert(.sample("whk_\(number)", createdAt: Int64(number))) }
            var seen: [String] = []
            var cursor: PageCursor?
            repeat {
                let page = try await store.webhooks.list(after: cursor, limit: 2)
                seen += page.data.map(\.id.rawValue)
                cursor = page.nextCursor.flatMap(PageCursor.init)
            } while cursor != nil
            #expect(seen == (1...5).map { "whk_\($0)" })
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `keeps neither URL nor secret in the clear`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.webhooks.insert(.sample("whk_1", url: "https://a.example/?token=geheim"))
            let rows = try await database.read { sql in try sql.rows("SELECT * FROM webhooks WHERE id = 'whk_1'") }
            let text = "\(rows)"
            #expect(!text.contains("geheim") && !text.contains("whsec_"))
        }
    }
}

extension StoredWebhook {
    static func sample(
        _ id: String, url: String = "https://a.example/hook", createdAt: Int64 = 1, isOrdered: Bool = false
    ) -> StoredWebhook {
        StoredWebhook(
            webhook: Webhook(
                id: WebhookID(rawValue: id),
                settings: WebhookSettings(
                    url: url, description: "d", types: ["message.*"], accounts: [AccountID(rawValue: "a")],
                    include: [.text, .html],
                    filter: WebhookFilter(mailboxID: MailboxID(rawValue: "m"), mailboxRole: .junk, keyword: "$seen"),
                    isOrdered: isOrdered),
                position: 0, createdAt: .at(createdAt), updatedAt: .at(createdAt), revision: 1),
            secrets: WebhookSecrets(current: Secret("whsec_AAAA")))
    }
}
