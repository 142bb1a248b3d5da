import Database
package import Model

/// A webhook with what it signs with.
package struct StoredWebhook: Sendable, Equatable {
    package var webhook: Webhook
    package var secrets: WebhookSecrets

    package init(webhook: Webhook, secrets: WebhookSecrets) {
        self.webhook = webhook
        self.secrets = secrets
    }
}

/// Webhooks: made, shown, changed, removed.
///
/// Deliveries are in `WebhookDeliveryRepository`.
package struct WebhookRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer

    package func insert(_ stored: StoredWebhook) async throws {
        let webhook = stored.webhook
        let sealed = try sealed(webhook, stored.secrets)
        let settings = try Document.text(WebhookSettingsDocument(webhook.settings))
        try await database.execute(
            """
            INSERT INTO webhooks (\(Self.columns)) VALUES (
                \(webhook.id.rawValue), \(sealed), \(settings), \(webhook.settings.isOrdered), \(webhook.state.column),
                \(webhook.state.reasonColumn), \(webhook.position), \(webhook.previousSecretExpiresAt?.milliseconds),
                0, 0, NULL, NULL, NULL, NULL, NULL, \(webhook.createdAt.milliseconds),
                \(webhook.updatedAt.milliseconds), \(webhook.revision))
            """)
    }

    package func webhook(_ id: WebhookID) async throws -> StoredWebhook? {
        try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM webhooks WHERE id = \(id.rawValue)").map(opened)
        }
    }

    /// Oldest first.
    package func list(after cursor: PageCursor?, limit: Int) async throws -> Page<Webhook> {
        let limit = pageSize(limit)
        let after = cursor ?? .oldestFirst
        let found = try await database.read { sql in
            try sql.rows(
                """
                SELECT \(Self.columns) FROM webhooks
                WHERE (created_at, id) > (\(after.createdAt.milliseconds), \(after.id))
                ORDER BY created_at, id LIMIT \(limit + 1)
                """
            ).map(opened)
        }
        return Page(found.map(\.webhook), limit: limit) { PageCursor(createdAt: $0.createdAt, id: $0.id.rawValue) }
    }

    /// The revision of each webhook: what has changed since somebody read them all.
    package func revisions() async throws -> [WebhookID: Int64] {
        try await database.read { sql in
            var result: [WebhookID: Int64] = [:]
            var after = ""
            while true {
                let rows = try sql.rows(
                    """
                    SELECT id, revision FROM webhooks WHERE id > \(after) ORDER BY id LIMIT \(Limits.pageSize)
                    """)
                for row in rows {
                    after = try row.text("id")
                    result[WebhookID(rawValue: after)] = try row.integer("revision")
                }
                if rows.count < Limits.pageSize { return result }
            }
        }
    }

    /// Stores changed settings, and changed secrets where given, if the stored revision is still `revision`.
    ///
    /// The new revision is the webhook's own; false where somebody else was faster or the webhook is gone. The health is
    /// written where `resetsHealth` says that what failed before says nothing about what comes. Deliveries that wait for an order
    /// that is not kept any more become due.
    package func update(
        _ stored: StoredWebhook, ifRevision revision: Int64, resetsHealth: Bool, now: Timestamp = .now()
    ) async throws -> Bool {
        let webhook = stored.webhook
        let sealed = try sealed(webhook, stored.secrets)
        let settings = try Document.text(WebhookSettingsDocument(webhook.settings))
        let health: SQL = resetsHealth ? ", failures = 0, pauses = 0, open_until = NULL" : ""
        return try await database.write { sql in
            let changed = try sql.execute(
                """
                UPDATE webhooks SET sealed = \(sealed), settings = \(settings),
                    is_ordered = \(webhook.settings.isOrdered), state = \(webhook.state.column),
                    disabled_reason = \(webhook.state.reasonColumn),
                    secret_expires_at = \(webhook.previousSecretExpiresAt?.milliseconds),
                    updated_at = \(webhook.updatedAt.milliseconds), revision = \(webhook.revision) \(health)
                WHERE id = \(webhook.id.rawValue) AND revision = \(revision)
                """)
            guard changed == 1 else { return false }
            if !webhook.settings.isOrdered {
                try sql.execute(
                    """
                    UPDATE webhook_deliveries SET state = \(WebhookDeliveryState.pending.rawValue),
                        due_at = \(now.milliseconds), is_ordered = 0
                    WHERE webhook_id = \(webhook.id.rawValue) AND state = \(WebhookDeliveryState.waiting.rawValue)
                    """)
            }
            return true
        }
    }

    /// Goes back to a place in the log, so that everything behind it is looked at again; false where the webhook is gone.
    package func rewind(_ id: WebhookID, to position: Int64, now: Timestamp = .now()) async throws -> Bool {
        try await database.execute(
            """
            UPDATE webhooks SET position = \(position), updated_at = \(now.milliseconds), revision = revision + 1
            WHERE id = \(id.rawValue) AND position >= \(position)
            """) == 1
    }

    /// Removes the webhook with its deliveries.
    package func delete(_ id: WebhookID, ifRevision revision: Int64?) async throws -> Bool {
        let condition: SQL = revision.map { "AND revision = \($0)" } ?? ""
        return try await database.execute("DELETE FROM webhooks WHERE id = \(id.rawValue) \(condition)") == 1
    }
}
