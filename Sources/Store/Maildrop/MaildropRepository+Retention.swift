import Database
package import Model

extension MaildropRepository {
    /// Messages of a maildrop with what retention must know of them: all, or those of these UIDs.
    ///
    /// That a message was acknowledged by all is noted, because the log and its deliveries are kept for some days only.
    package func retained(
        in mailbox: Int64, of account: AccountID, uids: [UInt32]? = nil, now: Timestamp = .now()
    ) async throws -> [RetainedMessage] {
        struct Row {
            var uid: UInt32
            var seenAt: Timestamp
            var announced: Int64?
            var isDelivered: Bool
        }
        let condition: SQL = uids.map { "AND uid IN \(list: $0.map { Int64($0) })" } ?? ""
        let rows = try await database.read { sql in
            try sql.rows(
                """
                SELECT uid, seen_at, announced, delivered_at FROM pop3_seen
                WHERE mailbox = \(mailbox) \(condition) ORDER BY uid
                """
            ).map { row in
                Row(
                    uid: UInt32(truncatingIfNeeded: try row.integer("uid")),
                    seenAt: Timestamp(milliseconds: try row.integer("seen_at")),
                    announced: try row.optionalInteger("announced"),
                    isDelivered: try row.optionalInteger("delivered_at") != nil)
            }
        }
        let open = rows.filter { !$0.isDelivered }.compactMap(\.announced)
        let acknowledgements = try await acknowledgements(of: open, account)
        let complete = rows.filter { row in row.announced.map { acknowledgements[$0] == .complete } ?? false }
        if !complete.isEmpty { try await note(delivered: complete.map(\.uid), in: mailbox, now) }
        return rows.map { row in
            let acknowledgement = row.announced.flatMap { acknowledgements[$0] } ?? .unwanted
            return RetainedMessage(
                uid: row.uid, seenAt: row.seenAt, isAnnounced: row.announced != nil,
                acknowledgement: row.isDelivered ? .complete : acknowledgement)
        }
    }

    private func note(delivered uids: [UInt32], in mailbox: Int64, _ now: Timestamp) async throws {
        try await database.write { sql in
            for chunk in uids.map({ Int64($0) }).chunks(of: Limits.keysInStatement) {
                try sql.execute(
                    """
                    UPDATE pop3_seen SET delivered_at = \(now.milliseconds)
                    WHERE mailbox = \(mailbox) AND uid IN \(list: chunk) AND delivered_at IS NULL
                    """)
            }
        }
    }

    /// What the webhooks say of these places of the log.
    ///
    /// A webhook that has not come so far in the log may want the event, unless its settings say already that it does not: also one
    /// that is switched off, because enabling it goes on where it was.
    private func acknowledgements(
        of sequences: [Int64], _ account: AccountID
    ) async throws -> [Int64: Acknowledgement] {
        guard !sequences.isEmpty else { return [:] }
        var found: [Int64: Acknowledgement] = [:]
        var cursor: PageCursor?
        repeat {
            let page = try await webhooks.list(after: cursor, limit: Limits.pageSize)
            for webhook in page.data {
                if webhook.settings.mayWantCreated(of: account) {
                    for sequence in sequences where sequence > webhook.position { found[sequence] = .pending }
                }
                for (sequence, state) in try await states(of: sequences, webhook.id) {
                    found[sequence] = Self.joined(found[sequence], state)
                }
            }
            cursor = page.nextCursor.flatMap { PageCursor($0) }
        } while cursor != nil
        return found
    }

    private static func joined(_ known: Acknowledgement?, _ state: WebhookDeliveryState) -> Acknowledgement {
        if known == .pending || state == .pending || state == .waiting { return .pending }
        return known == .failed || state == .failed ? .failed : .complete
    }

    private func states(
        of sequences: [Int64], _ webhook: WebhookID
    ) async throws -> [(Int64, WebhookDeliveryState)] {
        try await database.read { sql in
            try sequences.chunks(of: Limits.keysInStatement).flatMap { chunk in
                try sql.rows(
                    """
                    SELECT sequence, state FROM webhook_deliveries
                    WHERE webhook_id = \(webhook.rawValue) AND sequence IN \(list: chunk)
                    """
                ).map { row in
                    guard let state = WebhookDeliveryState(rawValue: try row.text("state")) else {
                        throw StoreError.unreadable("webhook_deliveries/state")
                    }
                    return (try row.integer("sequence"), state)
                }
            }
        }
    }
}

extension WebhookSettings {
    /// Whether a `message.created` of the account may concern it; its filter is not asked.
    fileprivate func mayWantCreated(of account: AccountID) -> Bool {
        let name = EventType.messageCreated.rawValue
        let isOfType = types.map { $0.contains(name) || $0.contains("message.*") } ?? true
        return isOfType && (accounts?.contains(account) ?? true)
    }
}
