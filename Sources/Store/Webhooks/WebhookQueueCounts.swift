import Database
package import Model

/// What webhooks have still to get, over all of them: for metrics.
package struct WebhookQueueCounts: Sendable, Equatable {
    package var enabled = 0
    package var disabled = 0
    /// Webhooks whose endpoint is left alone for a while, after it failed too often.
    package var openCircuits = 0
    package var pending = 0
    package var waiting = 0

    package init() {}
}

extension WebhookDeliveryRepository {
    package func counts(now: Timestamp = .now()) async throws -> WebhookQueueCounts {
        try await database.read { sql in
            var counts = WebhookQueueCounts()
            // Webhooks are few: the condition only names the order of their index.
            let rows = try sql.rows("SELECT id, state, open_until FROM webhooks WHERE id > '' ORDER BY id")
            for row in rows {
                if try row.text("state") == WebhookState.enabled.column {
                    counts.enabled += 1
                } else {
                    counts.disabled += 1
                }
                if let until = try row.optionalInteger("open_until"), until > now.milliseconds {
                    counts.openCircuits += 1
                }
                let id = try row.text("id")
                counts.pending += try Self.count(of: id, .pending, sql)
                counts.waiting += try Self.count(of: id, .waiting, sql)
            }
            return counts
        }
    }

    private static func count(
        of webhook: String, _ state: WebhookDeliveryState, _ sql: any SQLConnection
    ) throws -> Int {
        let row = try sql.first(
            """
            SELECT COUNT(*) AS count FROM webhook_deliveries
            WHERE webhook_id = \(webhook) AND state = \(state.rawValue)
            """)
        return Int(try row?.integer("count") ?? 0)
    }
}
