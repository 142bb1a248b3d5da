import Database
package import Model

/// Accounts and, apart from them and sealed, their credentials.
package struct AccountRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    let events: EventRepository
    let oauthTokens: OAuthTokenRepository
    let consentLinks: ConsentLinks

    private static let columns: SQL =
        "id, name, email, username, servers, state, last_error, created_at, updated_at, revision"

    /// Stores a new account, with tokens that were issued already; false where one of this id exists.
    package func insert(
        _ account: Account, credentials: AccountCredentials, tokens: [MailProtocol?: OAuthTokens] = [:]
    ) async throws -> Bool {
        let tokens = try oauthTokens.sealed(tokens, of: account.id)
        let servers = try Document.text(ServersDocument(account))
        let fault = try account.lastError.map { try Document.text(AccountFaultDocument($0)) }
        let sealed = try seal(credentials, of: account.id)
        let told = try await database.write { sql -> [Event]? in
            let inserted = try sql.execute(
                """
                INSERT INTO accounts (\(Self.columns)) VALUES (
                    \(account.id.rawValue), \(account.name), \(account.email), \(account.username), \(servers),
                    \(account.state.rawValue), \(fault), \(account.createdAt.milliseconds),
                    \(account.updatedAt.milliseconds), \(account.revision))
                ON CONFLICT (id) DO NOTHING
                """)
            guard inserted == 1 else { return nil }
            try sql.execute(
                """
                INSERT INTO credentials (account_id, sealed, updated_at)
                VALUES (\(account.id.rawValue), \(sealed), \(account.createdAt.milliseconds))
                """)
            try OAuthTokenRepository.insert(tokens, of: account.id, at: account.createdAt, sql)
            try LeaseRepository.register(account.id, sql)
            return try events.append(AccountEvents.created(account), at: account.createdAt, in: sql)
        }
        return tell(told)
    }

    package func account(_ id: AccountID) async throws -> Account? {
        try await database.read { sql in try Self.find(id, sql) }
    }

    /// The account with its secrets, opened, both from one moment.
    package func opened(_ id: AccountID) async throws -> (account: Account, credentials: AccountCredentials)? {
        let found = try await database.read { sql -> (Account, [UInt8])? in
            guard let row = try sql.first("SELECT \(Self.columns) FROM accounts WHERE id = \(id.rawValue)"),
                let secrets = try sql.first("SELECT sealed FROM credentials WHERE account_id = \(id.rawValue)")
            else { return nil }
            return (try Self.account(row), try secrets.blob("sealed"))
        }
        guard let (account, sealed) = found else { return nil }
        let octets = try sealer.open(sealed, at: Self.place(id))
        let document = try Document.decode(CredentialsDocument.self, from: octets, place: "credentials/\(id)")
        return (account, try document.credentials())
    }

    /// Oldest first; `visible` limits the list to these.
    package func list(after cursor: PageCursor?, limit: Int, visible: Set<AccountID>?) async throws -> Page<Account> {
        let limit = pageSize(limit)
        let after = cursor ?? .oldestFirst
        let filter: SQL = visible.map { "id IN \(list: $0.map(\.rawValue).sorted()) AND" } ?? ""
        let accounts = try await database.read { sql in
            try sql.rows(
                """
                SELECT \(Self.columns) FROM accounts
                WHERE \(filter) (created_at, id) > (\(after.createdAt.milliseconds), \(after.id))
                ORDER BY created_at, id LIMIT \(limit + 1)
                """
            ).map(Self.account)
        }
        return Page(accounts, limit: limit) { PageCursor(createdAt: $0.createdAt, id: $0.id.rawValue) }
    }

    /// Stores changed settings, and changed credentials where given, if the stored revision is still `revision`.
    ///
    /// With `tokens`, which are not nil where the grants changed, those of before go. The new revision is the account's own;
    /// false where somebody else was faster or the account is gone.
    package func update(
        _ account: Account, credentials: AccountCredentials?, tokens: [MailProtocol?: OAuthTokens]? = nil,
        ifRevision revision: Int64
    ) async throws -> Bool {
        let tokens = try tokens.map { try oauthTokens.sealed($0, of: account.id) }
        let servers = try Document.text(ServersDocument(account))
        let fault = try account.lastError.map { try Document.text(AccountFaultDocument($0)) }
        let sealed = try credentials.map { try seal($0, of: account.id) }
        let told = try await database.write { sql -> [Event]? in
            guard let old = try Self.hold(account.id, sql) else { return nil }
            let changed = try sql.execute(
                """
                UPDATE accounts SET name = \(account.name), email = \(account.email), username = \(account.username),
                    servers = \(servers), state = \(account.state.rawValue), last_error = \(fault),
                    updated_at = \(account.updatedAt.milliseconds), revision = \(account.revision)
                WHERE id = \(account.id.rawValue) AND revision = \(revision)
                """)
            guard changed == 1 else { return nil }
            if let sealed {
                try sql.execute(
                    """
                    UPDATE credentials SET sealed = \(sealed), updated_at = \(account.updatedAt.milliseconds)
                    WHERE account_id = \(account.id.rawValue)
                    """)
            }
            if let tokens {
                try OAuthTokenRepository.forget(account.id, sql)
                try OAuthTokenRepository.insert(tokens, of: account.id, at: account.updatedAt, sql)
            }
            return try events.append(
                AccountEvents.updated(from: old, to: account), at: account.updatedAt, in: sql)
        }
        return tell(told)
    }

    /// Writes how the account fares.
    ///
    /// The revision stays: it counts settings, and a disabled account stays disabled.
    package func setState(
        _ id: AccountID, _ state: AccountState, lastError: AccountFault?, ifRevision revision: Int64,
        now: Timestamp = .now()
    ) async throws -> Bool {
        let fault = try lastError.map { try Document.text(AccountFaultDocument($0)) }
        let told = try await database.write { sql -> [Event]? in
            guard let old = try Self.hold(id, sql) else { return nil }
            let changed = try sql.execute(
                """
                UPDATE accounts SET state = \(state.rawValue), last_error = \(fault)
                WHERE id = \(id.rawValue) AND revision = \(revision) AND state <> \(AccountState.disabled.rawValue)
                """)
            guard changed == 1 else { return nil }
            var account = old
            account.state = state
            account.lastError = lastError
            let link = state == .authenticationFailed ? try consentLink(of: id, now, sql) : nil
            return try events.append(
                AccountEvents.transition(from: old.state, to: account, consentLink: link), at: now, in: sql)
        }
        return tell(told)
    }

    /// Where its owner can consent again, if it has its tokens by anybody's consent.
    private func consentLink(of id: AccountID, _ now: Timestamp, _ sql: any SQLConnection) throws -> String? {
        guard let row = try sql.first("SELECT sealed FROM credentials WHERE account_id = \(id.rawValue)") else {
            return nil
        }
        let octets = try sealer.open(try row.blob("sealed"), at: Self.place(id))
        let credentials = try Document.decode(CredentialsDocument.self, from: octets, place: "credentials/\(id)")
            .credentials()
        return credentials.consents.isEmpty ? nil : consentLinks.url(of: id, now: now)
    }

    /// Removes the account and all that hangs on it: credentials, queued mail and its content.
    package func delete(
        _ id: AccountID, ifRevision revision: Int64?, now: Timestamp = .now()
    ) async throws -> Bool {
        let condition: SQL = revision.map { "AND revision = \($0)" } ?? ""
        let told = try await database.write { sql -> [Event]? in
            guard let account = try Self.hold(id, sql),
                try sql.execute("DELETE FROM accounts WHERE id = \(id.rawValue) \(condition)") == 1
            else { return nil }
            return try events.append(AccountEvents.deleted(account), at: now, in: sql)
        }
        return tell(told)
    }

    /// How many accounts are in each state.
    package func countByState() async throws -> [AccountState: Int] {
        try await database.read { sql in
            var counts: [AccountState: Int] = [:]
            for state in AccountState.allCases {
                let row = try sql.first("SELECT COUNT(*) AS count FROM accounts WHERE state = \(state.rawValue)")
                counts[state] = Int(try row?.integer("count") ?? 0)
            }
            return counts
        }
    }

    /// Announces what a transaction appended; false where it changed nothing.
    private func tell(_ appended: [Event]?) -> Bool {
        guard let appended else { return false }
        events.committed(appended)
        return true
    }

    private static func find(_ id: AccountID, _ sql: any SQLConnection) throws -> Account? {
        try sql.first("SELECT \(columns) FROM accounts WHERE id = \(id.rawValue)").map(account)
    }

    /// The same, unchanged by others until the transaction ends: what is told of a change rests on what was there before.
    private static func hold(_ id: AccountID, _ sql: any SQLConnection) throws -> Account? {
        try sql.first("SELECT \(columns) FROM accounts WHERE id = \(id.rawValue)\(sql.dialect.lockingRows)").map(
            account)
    }

    private func seal(_ credentials: AccountCredentials, of id: AccountID) throws -> [UInt8] {
        try sealer.seal(try Document.octets(CredentialsDocument(credentials)), at: Self.place(id))
    }

    static func place(_ id: AccountID) -> SealedPlace {
        SealedPlace(table: "credentials", row: id.rawValue, column: "sealed")
    }

    static func syncRules(of account: AccountID, _ sql: any SQLConnection) throws -> SyncRules? {
        try sql.first("SELECT servers FROM accounts WHERE id = \(account.rawValue)").flatMap { row in
            try Document.decode(ServersDocument.self, from: row.text("servers"), place: "accounts/servers").sync?.model
        }
    }

    private static func account(_ row: SQLRow) throws -> Account {
        guard let state = AccountState(rawValue: try row.text("state")) else {
            throw StoreError.unreadable("accounts/state")
        }
        let fault = try row.optionalText("last_error").map {
            try Document.decode(AccountFaultDocument.self, from: $0, place: "accounts/last_error").model()
        }
        let servers = try Document.decode(ServersDocument.self, from: row.text("servers"), place: "accounts/servers")
        var account = Account(
            id: AccountID(rawValue: try row.text("id")), name: try row.optionalText("name"),
            email: try row.text("email"), servers: try servers.model(), username: try row.optionalText("username"),
            state: state, lastError: fault, createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")), revision: try row.integer("revision"),
            retention: try servers.retentionModel(), sync: servers.sync?.model ?? SyncRules())
        account.authservIDs = servers.authservIDs
        account.signingKeys = try servers.signingKeysModel()
        return account
    }
}
