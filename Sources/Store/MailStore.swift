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
    /// For keys that are derived from the master key.
    package let keys: DataKeys
    package let events: EventRepository
    package let webhooks: WebhookRepository
    package let deliveries: WebhookDeliveryRepository
    package let leases: LeaseRepository
    package let nodes: NodeRepository
    package let sync: SyncRepository
    package let index: MailboxIndex
    package let maildrops: MaildropRepository
    package let maildropLine: MaildropLine
    package let tickets: StreamTicketRepository
    package let oauthTokens: OAuthTokenRepository
    package let authorizations: AuthorizationRepository
    package let consentLinks: ConsentLinks
    package let audit: AuditRepository
    package let templates: TemplateRepository
    package let outcome: OutcomeRepository
    let database: any SQLDatabase
    private let eventRetention: Duration
    private let auditRetention: Duration

    /// Brings the schema up to date and opens the keys; a wrong master key ends here, with `StoreError.wrongMasterKey`.
    ///
    /// `mayMigrate` is false for who works beside a running server; `mayMake` lets also him make the tables of an empty database.
    /// `reread` reads the settings' keys once more, where they may change while the process runs.
    package static func open(
        _ database: any SQLDatabase, masterKeys: MasterKeys, mayMigrate: Bool = true, mayMake: Bool = true,
        eventRetention: Duration = Limits.eventRetention, auditRetention: Duration = Limits.auditRetention,
        now: Timestamp = .now(), reread: @escaping @Sendable () throws -> MasterKeys? = { nil }
    ) async throws -> MailStore {
        try await Migrator.run(Migration.all, on: database, mayApply: mayMigrate, mayMake: mayMake, now: now)
        let keys = try await DataKeys.open(in: database, with: masterKeys, now: now, reread: reread)
        return MailStore(database, keys, eventRetention: eventRetention, auditRetention: auditRetention)
    }

    /// With one key.
    package static func open(
        _ database: any SQLDatabase, masterKey: MasterKey, eventRetention: Duration = Limits.eventRetention
    ) async throws -> MailStore {
        try await open(database, masterKeys: MasterKeys(masterKey), eventRetention: eventRetention)
    }

    private init(
        _ database: any SQLDatabase, _ keys: DataKeys, eventRetention: Duration, auditRetention: Duration
    ) {
        self.keys = keys
        let sealer = Sealer(ring: keys.ring)
        self.database = database
        self.eventRetention = eventRetention
        self.auditRetention = auditRetention
        events = EventRepository(database: database, sealer: sealer)
        webhooks = WebhookRepository(database: database, sealer: sealer)
        deliveries = WebhookDeliveryRepository(database: database)
        leases = LeaseRepository(database: database)
        nodes = NodeRepository(database: database, keys: keys)
        sync = SyncRepository(database: database, events: events)
        index = MailboxIndex(database: database)
        maildrops = MaildropRepository(database: database, events: events, webhooks: webhooks)
        maildropLine = MaildropLine(database: database)
        tickets = StreamTicketRepository(database: database)
        authorizations = AuthorizationRepository(database: database, sealer: sealer)
        audit = AuditRepository(database: database)
        oauthTokens = OAuthTokenRepository(database: database, sealer: sealer)
        consentLinks = ConsentLinks(
            keys: { keys.derived(for: "consent links") }, lifetime: eventRetention)
        accounts = AccountRepository(
            database: database, sealer: sealer, events: events, oauthTokens: oauthTokens, consentLinks: consentLinks)
        tokens = TokenRepository(database: database)
        submissions = SubmissionRepository(database: database, sealer: sealer, events: events)
        idempotency = IdempotencyRepository(database: database, sealer: sealer)
        templates = TemplateRepository(database: database, sealer: sealer)
        outcome = OutcomeRepository(database: database, sealer: sealer, events: events)
    }

    /// Whether somebody has made a store here already, which only his key opens.
    package static func exists(in database: any SQLDatabase) async throws -> Bool {
        try await database.write { sql in try Migrator.hasTables(sql) }
    }

    /// Throws where the database does not answer: what `/readyz` asks.
    package func ping() async throws {
        _ = try await database.read { sql in try sql.rows("SELECT 1 AS one") }
    }

    /// Removes what has outlived its time: stored answers, expired tokens, unfinished uploads, old
    /// events and their deliveries.
    ///
    /// For a timer, every few minutes.
    package func sweep(now: Timestamp = .now()) async throws {
        try await idempotency.removeExpired(now: now)
        try await tokens.removeExpired(now: now)
        try await tickets.removeExpired(now: now)
        try await authorizations.removeExpired(now: now)
        try await audit.removeExpired(before: now.advanced(by: .zero - auditRetention))
        try await submissions.removeUnownedContent(now: now)
        try await events.removeExpired(before: now.advanced(by: .zero - eventRetention))
        try await deliveries.removeExpired()
    }

    package func close() async { await database.close() }
}
