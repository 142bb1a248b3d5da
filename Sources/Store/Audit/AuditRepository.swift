import Database
package import Model

/// The audit log: written once, read by whoever administers, removed by age.
package struct AuditRepository: Sendable {
    let database: any SQLDatabase

    package func append(_ entries: [AuditEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await database.write { sql in
            for entry in entries {
                try sql.execute(
                    """
                    INSERT INTO audit_log (id, at, principal, operation, account_id, status, address, request_id)
                    VALUES (\(entry.id), \(entry.at.milliseconds), \(entry.principal), \(entry.operation),
                        \(entry.account?.rawValue), \(Int64(entry.status)), \(entry.address), \(entry.requestID))
                    """)
            }
        }
    }

    /// Newest first; `cursor` is the last entry of the page before.
    package func list(
        account: AccountID?, principal: String?, before cursor: PageCursor?, limit: Int
    ) async throws -> Page<AuditEntry> {
        let limit = pageSize(limit)
        let ofAccount: SQL = account.map { "account_id = \($0.rawValue) AND" } ?? ""
        let byPrincipal: SQL = principal.map { "principal = \($0) AND" } ?? ""
        let end = cursor ?? .newestFirst
        let entries = try await database.read { sql in
            try sql.rows(
                """
                SELECT id, at, principal, operation, account_id, status, address, request_id FROM audit_log
                WHERE \(ofAccount) \(byPrincipal) (at, id) < (\(end.createdAt.milliseconds), \(end.id))
                ORDER BY at DESC, id DESC LIMIT \(limit + 1)
                """
            ).map { row in
                AuditEntry(
                    id: try row.text("id"), at: Timestamp(milliseconds: try row.integer("at")),
                    principal: try row.text("principal"), operation: try row.text("operation"),
                    account: try row.optionalText("account_id").map(AccountID.init(rawValue:)),
                    status: Int(try row.integer("status")), address: try row.optionalText("address"),
                    requestID: try row.optionalText("request_id"))
            }
        }
        return Page(entries, limit: limit) { PageCursor(createdAt: $0.at, id: $0.id) }
    }

    package func removeExpired(before time: Timestamp) async throws {
        try await database.execute("DELETE FROM audit_log WHERE at < \(time.milliseconds)")
    }
}
