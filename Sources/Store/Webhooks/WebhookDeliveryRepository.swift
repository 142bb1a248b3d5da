import Database
package import Model

/// The events that webhooks get: listed, sent again, swept.
///
/// The queue's verbs are in `WebhookDeliveryRepository+Turn`.
package struct WebhookDeliveryRepository: Sendable {
    let database: any SQLDatabase

    /// Newest first; of one state where that is given.
    ///
    /// The cursor is the sequence of the last one shown.
    package func list(
        of webhook: WebhookID, state: WebhookDeliveryState?, before: Int64?, limit: Int
    ) async throws -> Page<WebhookDelivery> {
        let limit = pageSize(limit)
        let before = before ?? .max
        let condition: SQL = state.map { "AND d.state = \($0.rawValue)" } ?? ""
        let found = try await database.read { sql in
            try sql.rows(
                """
                SELECT \(Self.columns) FROM webhook_deliveries AS d JOIN events AS e ON e.sequence = d.sequence
                WHERE d.webhook_id = \(webhook.rawValue) \(condition) AND d.sequence < \(before)
                ORDER BY d.sequence DESC LIMIT \(limit + 1)
                """
            ).map { try Self.delivery($0, of: webhook) }
        }
        let data = Array(found.prefix(limit))
        return Page(data: data, nextCursor: found.count > limit ? data.last.map { $0.id.description } : nil)
    }

    package func delivery(_ id: WebhookDeliveryID, of webhook: WebhookID) async throws -> WebhookDelivery? {
        try await database.read { sql in try Self.delivery(id, of: webhook, sql) }
    }

    /// Makes a finished delivery due again, as if it were new; one that is on its way is left alone.
    ///
    /// Nil where there is none, or its event is not kept any more.
    package func redeliver(
        _ id: WebhookDeliveryID, of webhook: WebhookID, now: Timestamp = .now()
    ) async throws -> WebhookDelivery? {
        try await database.write { sql in
            try Self.hold([webhook], sql)
            guard let delivery = try Self.delivery(id, of: webhook, sql) else { return nil }
            guard delivery.state.isFinished else {
                if delivery.state == .pending {
                    try sql.execute(
                        """
                        UPDATE webhook_deliveries SET due_at = \(now.milliseconds)
                        WHERE webhook_id = \(webhook.rawValue) AND sequence = \(id.sequence) AND locked_by IS NULL
                        """)
                }
                return try Self.delivery(id, of: webhook, sql)
            }
            let account = delivery.accountID?.rawValue ?? ""
            // As the webhook is now, not as it was when the event came: only what counts as ordered is waited behind, and follows.
            let row = try sql.first("SELECT is_ordered FROM webhooks WHERE id = \(webhook.rawValue)")
            let isOrdered = try row?.bool("is_ordered") ?? false
            let isOccupied = try isOrdered && Self.isOccupied(webhook.rawValue, account, sql)
            let state = isOccupied ? WebhookDeliveryState.waiting : .pending
            try sql.execute(
                """
                UPDATE webhook_deliveries SET state = \(state.rawValue), attempts = 0, created_at = \(now.milliseconds),
                    is_ordered = \(isOrdered), due_at = \(isOccupied ? nil : now.milliseconds)
                WHERE webhook_id = \(webhook.rawValue) AND sequence = \(id.sequence)
                """)
            return try Self.delivery(id, of: webhook, sql)
        }
    }

    /// Forgets deliveries of events that are not in the log any more.
    func removeExpired() async throws {
        let (webhooks, oldest) = try await database.read { sql in
            let oldest = try sql.first("SELECT sequence FROM events WHERE sequence > 0 ORDER BY sequence LIMIT 1")
            let newest = try sql.first("SELECT last FROM event_counter WHERE id = 1")
            let ids = try sql.rows("SELECT id FROM webhooks WHERE id > '' ORDER BY id").map { try $0.text("id") }
            return (ids, try oldest?.integer("sequence") ?? (newest?.integer("last") ?? 0) + 1)
        }
        for webhook in webhooks {
            var removed = Limits.rowsPerClaim
            while removed == Limits.rowsPerClaim {
                removed = try await database.write { sql in
                    let last = try sql.rows(
                        """
                        SELECT sequence FROM webhook_deliveries
                        WHERE webhook_id = \(webhook) AND sequence < \(oldest) ORDER BY sequence
                        LIMIT \(Limits.rowsPerClaim)
                        """
                    ).last
                    guard let last = try last?.integer("sequence") else { return 0 }
                    return try sql.execute(
                        "DELETE FROM webhook_deliveries WHERE webhook_id = \(webhook) AND sequence <= \(last)")
                }
            }
        }
    }

    private static let columns: SQL =
        """
        d.sequence, d.account_id, d.state, d.attempts, d.due_at, d.created_at, d.attempted_at, d.last_status,
        d.last_error, e.id AS event_id, e.type
        """

    private static func delivery(
        _ id: WebhookDeliveryID, of webhook: WebhookID, _ sql: any SQLConnection
    ) throws -> WebhookDelivery? {
        try sql.first(
            """
            SELECT \(Self.columns) FROM webhook_deliveries AS d JOIN events AS e ON e.sequence = d.sequence
            WHERE d.webhook_id = \(webhook.rawValue) AND d.sequence = \(id.sequence)
            """
        ).map { try delivery($0, of: webhook) }
    }

    private static func delivery(_ row: SQLRow, of webhook: WebhookID) throws -> WebhookDelivery {
        guard let type = EventType(rawValue: try row.text("type")) else { throw StoreError.unreadable("events/type") }
        guard let state = WebhookDeliveryState(rawValue: try row.text("state")) else {
            throw StoreError.unreadable("webhook_deliveries/state")
        }
        let account = try row.text("account_id")
        return WebhookDelivery(
            webhookID: webhook, sequence: try row.integer("sequence"),
            eventID: EventID(rawValue: try row.text("event_id")), type: type,
            accountID: account.isEmpty ? nil : AccountID(rawValue: account), state: state,
            attempts: Int(try row.integer("attempts")),
            nextAttemptAt: try row.optionalInteger("due_at").map(Timestamp.init),
            lastAttemptAt: try row.optionalInteger("attempted_at").map(Timestamp.init),
            lastStatus: try row.optionalInteger("last_status").map { Int($0) },
            lastError: try row.optionalText("last_error").map(WebhookFault.init(column:)),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")))
    }
}
