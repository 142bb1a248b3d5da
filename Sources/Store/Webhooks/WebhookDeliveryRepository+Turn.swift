import Database
package import Model

/// What a dispatcher does with the queue.
extension WebhookDeliveryRepository {
    /// Does all of the turn in one transaction, in this order: settle, note the health, assign, look.
    package func take(
        _ turn: WebhookTurn, by owner: String, until: Timestamp, now: Timestamp = .now()
    ) async throws -> WebhookTurnResult {
        try await database.write { sql in
            try Self.hold(turn.ordering, sql)
            var result = WebhookTurnResult()
            for settlement in turn.settlements where try !Self.settle(settlement, now: now, sql) { result.lost += 1 }
            for change in turn.health { try Self.write(change, now: now, sql) }
            for assignment in turn.assignments where try !Self.assign(assignment, now: now, sql) {
                result.refused.insert(assignment.webhook)
            }
            for look in turn.looks {
                let claimed = try Self.claim(look, by: owner, until: until, now: now, sql)
                if !claimed.isEmpty { result.claimed[look.webhook] = claimed }
                result.nextDue[look.webhook] = try Self.nextDue(look.webhook, sql)
            }
            return result
        }
    }

    /// Frees claims that ended at or before `expired`.
    ///
    /// Nobody knows whether the attempt was made, so it is made again: the event's id tells the receiver.
    package func recover(expiredBy expired: Timestamp) async throws -> Int {
        try await recover(besides: nil) { _ in
            "locked_by IS NOT NULL AND locked_until <= \(expired.milliseconds) ORDER BY locked_until"
        }
    }

    /// The same for claims of nodes that live no more; `own` is alive, whatever others think.
    package func recoverDead(besides own: String) async throws -> Int {
        try await recover(besides: own) { sql in try NodeRepository.claimedByDead(besides: own, sql) }
    }

    private func recover(
        besides own: String?, _ condition: @escaping @Sendable (any SQLConnection) throws -> SQL
    ) async throws -> Int {
        var total = 0
        while true {
            let (count, freed) = try await database.write { sql in
                let rows = try sql.rows(
                    """
                    SELECT webhook_id, sequence, locked_by FROM webhook_deliveries WHERE \(try condition(sql))
                    LIMIT \(Limits.rowsPerClaim)\(sql.dialect.skippingLocked)
                    """)
                let free = try own.map { try NodeRepository.stillDead(rows, besides: $0, sql) } ?? rows
                for row in free {
                    try sql.execute(
                        """
                        UPDATE webhook_deliveries SET locked_by = NULL, locked_until = NULL
                        WHERE webhook_id = \(try row.text("webhook_id")) AND sequence = \(try row.integer("sequence"))
                        """)
                }
                return (rows.count, free.count)
            }
            total += freed
            if count < Limits.rowsPerClaim || freed == 0 { return total }
        }
    }

    private static func settle(
        _ settlement: WebhookSettlement, now: Timestamp, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Bool {
        let lease = settlement.lease
        let change: SQL
        switch settlement.outcome {
        case .delivered(let status):
            change =
                """
                state = \(WebhookDeliveryState.delivered.rawValue), due_at = NULL, attempts = attempts + 1,
                attempted_at = \(now.milliseconds), last_status = \(status), last_error = NULL
                """
        case .failed(let status, let fault):
            change =
                """
                state = \(WebhookDeliveryState.failed.rawValue), due_at = NULL, attempts = attempts + 1,
                attempted_at = \(now.milliseconds), last_status = \(status), last_error = \(fault.column)
                """
        case .retry(let time, let status, let fault):
            change =
                """
                due_at = \(time.milliseconds), attempts = attempts + 1,
                attempted_at = \(now.milliseconds), last_status = \(status), last_error = \(fault.column)
                """
        case .released(let time): change = "due_at = \(time.milliseconds)"
        }
        let row = try sql.first(
            """
            UPDATE webhook_deliveries SET \(change), locked_by = NULL, locked_until = NULL
            WHERE webhook_id = \(lease.webhook.rawValue) AND sequence = \(lease.sequence)
                AND locked_by = \(lease.owner) AND lock_epoch = \(lease.epoch)
            RETURNING is_ordered, account_id, state
            """)
        guard let row else { return false }
        if try row.bool("is_ordered"), try row.text("state") != WebhookDeliveryState.pending.rawValue {
            try promote(lease.webhook.rawValue, account: try row.text("account_id"), now: now, sql)
        }
        return true
    }

    /// Makes the next event of the account due, where none of its events is on its way.
    static func promote(
        _ webhook: String, account: String, now: Timestamp, _ sql: any SQLConnection
    ) throws(DatabaseError) {
        let pending = try sql.first(try ordered(webhook, account, .pending))
        guard pending == nil, let next = try sql.first(try ordered(webhook, account, .waiting)) else { return }
        try sql.execute(
            """
            UPDATE webhook_deliveries SET state = \(WebhookDeliveryState.pending.rawValue), due_at = \(now.milliseconds)
            WHERE webhook_id = \(webhook) AND sequence = \(try next.integer("sequence"))
            """)
    }

    /// The first event of the account in that state.
    private static func ordered(
        _ webhook: String, _ account: String, _ state: WebhookDeliveryState
    ) throws(DatabaseError) -> SQL {
        """
        SELECT sequence FROM webhook_deliveries
        WHERE is_ordered = 1 AND webhook_id = \(webhook) AND account_id = \(account) AND state = \(state.rawValue)
        ORDER BY sequence LIMIT 1
        """
    }

    private static func write(
        _ change: WebhookHealthChange, now: Timestamp, _ sql: any SQLConnection
    ) throws(DatabaseError) {
        let health = change.health
        let id = change.webhook.rawValue
        try sql.execute(
            """
            UPDATE webhooks SET failures = \(health.failures), pauses = \(health.pauses),
                open_until = \(health.openUntil?.milliseconds), last_status = \(health.lastStatus),
                last_error = \(health.lastError?.column), last_success_at = \(health.lastSuccessAt?.milliseconds),
                last_failure_at = \(health.lastFailureAt?.milliseconds)
            WHERE id = \(id)
            """)
        guard change.disables else { return }
        try sql.execute(
            """
            UPDATE webhooks SET state = 'disabled', disabled_reason = \(WebhookDisabling.gone.rawValue),
                updated_at = \(now.milliseconds), revision = revision + 1
            WHERE id = \(id) AND state = 'enabled'
            """)
    }

    private static func assign(
        _ assignment: WebhookAssignment, now: Timestamp, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Bool {
        let id = assignment.webhook.rawValue
        let moved = try sql.execute(
            """
            UPDATE webhooks SET position = \(assignment.to)
            WHERE id = \(id) AND position = \(assignment.from) AND revision = \(assignment.revision)
                AND state = 'enabled'
            """)
        guard moved == 1 else { return false }
        for match in assignment.matches {
            let account = match.account?.rawValue ?? ""
            var state = WebhookDeliveryState.pending
            if assignment.isOrdered, try isOccupied(id, account, sql) { state = .waiting }
            let due = state == .pending ? now.milliseconds : nil
            // Only a replay meets a row that is there: what is finished starts again, what is on its way stays.
            try sql.execute(
                """
                INSERT INTO webhook_deliveries (webhook_id, sequence, account_id, is_ordered, state, attempts, due_at,
                    created_at, lock_epoch)
                VALUES (\(id), \(match.sequence), \(account), \(assignment.isOrdered), \(state.rawValue), 0, \(due),
                    \(now.milliseconds), 0)
                ON CONFLICT (webhook_id, sequence) DO UPDATE SET state = excluded.state, attempts = 0,
                    due_at = excluded.due_at, created_at = excluded.created_at, is_ordered = excluded.is_ordered
                WHERE webhook_deliveries.state IN ('delivered', 'failed')
                """)
        }
        return true
    }

    /// Whether an event of the account is on its way or waits.
    static func isOccupied(
        _ webhook: String, _ account: String, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Bool {
        if try sql.first(try ordered(webhook, account, .pending)) != nil { return true }
        return try sql.first(try ordered(webhook, account, .waiting)) != nil
    }

    /// Keeps other dispatchers from these webhooks until the transaction ends, always in the same order.
    ///
    /// What is next for an account is decided by what is on its way, which they might be changing. SQLite has one writer anyway.
    static func hold(_ webhooks: Set<WebhookID>, _ sql: any SQLConnection) throws(DatabaseError) {
        guard case .postgresql = sql.dialect, !webhooks.isEmpty else { return }
        for chunk in webhooks.map(\.rawValue).sorted().chunks(of: Limits.keysInStatement) {
            _ = try sql.rows("SELECT id FROM webhooks WHERE id IN \(list: chunk) ORDER BY id\(sql.dialect.lockingRows)")
        }
    }

    private static func claim(
        _ look: WebhookLook, by owner: String, until: Timestamp, now: Timestamp, _ sql: any SQLConnection
    ) throws(DatabaseError) -> [ClaimedDelivery] {
        guard look.limit > 0 else { return [] }
        let id = look.webhook.rawValue
        let rows = try sql.rows(
            """
            SELECT sequence, account_id, attempts, created_at, lock_epoch FROM webhook_deliveries
            WHERE webhook_id = \(id) AND due_at IS NOT NULL AND locked_by IS NULL AND due_at <= \(now.milliseconds)
            ORDER BY due_at, sequence LIMIT \(min(look.limit, Limits.rowsPerClaim))\(sql.dialect.skippingLocked)
            """)
        var claimed: [ClaimedDelivery] = []
        claimed.reserveCapacity(rows.count)
        var updates: [SQL] = []
        updates.reserveCapacity(rows.count)
        for row in rows {
            let sequence = try row.integer("sequence")
            let epoch = try row.integer("lock_epoch") + 1
            updates.append(
                """
                UPDATE webhook_deliveries SET locked_by = \(owner), locked_until = \(until.milliseconds),
                    lock_epoch = \(epoch)
                WHERE webhook_id = \(id) AND sequence = \(sequence)
                """)
            let account = try row.text("account_id")
            claimed.append(
                ClaimedDelivery(
                    lease: WebhookLease(webhook: look.webhook, sequence: sequence, owner: owner, epoch: epoch),
                    accountID: account.isEmpty ? nil : AccountID(rawValue: account),
                    attempts: Int(try row.integer("attempts")),
                    createdAt: Timestamp(milliseconds: try row.integer("created_at"))))
        }
        try sql.execute(all: updates)
        return claimed
    }

    private static func nextDue(
        _ webhook: WebhookID, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Timestamp? {
        try sql.first(
            """
            SELECT due_at FROM webhook_deliveries
            WHERE webhook_id = \(webhook.rawValue) AND due_at IS NOT NULL AND locked_by IS NULL
            ORDER BY due_at LIMIT 1
            """
        ).map { (row) throws(DatabaseError) in Timestamp(milliseconds: try row.integer("due_at")) }
    }
}
