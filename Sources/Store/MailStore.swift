package import Database
package import Model

/// All that is kept: one repository a noun, over one database.
///
/// Engines see verbs and values here; SQL stays in this target, and what is secret is sealed before it leaves it.
package struct MailStore: Sendable {
    package let accounts: AccountRepository
    package let tokens: TokenRepository
    package let submissions: SubmissionRepository
    package let idempotency: IdempotencyRepository
    /// For keys that are derived from it.
    package let masterKey: MasterKey
    private let database: any SQLDatabase

    /// Brings the schema up to date and opens the keys; a wrong master key ends here, with `StoreError.wrongMasterKey`.
    ///
    /// `mayMigrate` is false for a command that works beside a running server.
    package static func open(
        _ database: any SQLDatabase, masterKey: MasterKey, mayMigrate: Bool = true, now: Timestamp = .now()
    ) async throws -> MailStore {
        try await Migrator.run(Migration.all, on: database, mayApply: mayMigrate, now: now)
        let sealer = try await DataKeys.open(in: database, with: masterKey, now: now)
        return MailStore(database, sealer, masterKey)
    }

    private init(_ database: any SQLDatabase, _ sealer: Sealer, _ masterKey: MasterKey) {
        self.masterKey = masterKey
        self.database = database
        accounts = AccountRepository(database: database, sealer: sealer)
        tokens = TokenRepository(database: database)
        submissions = SubmissionRepository(database: database, sealer: sealer)
        idempotency = IdempotencyRepository(database: database, sealer: sealer)
    }

    /// Throws where the database does not answer: what `/readyz` asks.
    package func ping() async throws {
        _ = try await database.read { sql in try sql.rows("SELECT 1 AS one") }
    }

    /// Removes what has outlived its time: stored answers, expired tokens, unfinished uploads.
    ///
    /// For a timer, every few minutes.
    package func sweep(now: Timestamp = .now()) async throws {
        try await idempotency.removeExpired(now: now)
        try await tokens.removeExpired(now: now)
        try await submissions.removeUnownedContent(now: now)
    }

    package func close() async { await database.close() }
}
