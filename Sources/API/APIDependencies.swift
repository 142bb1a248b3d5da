package import Logging
package import Metrics
package import Model
import SafeHTML

/// All that the API stands on; the composition root makes it.
package struct APIDependencies: Sendable {
    package var accounts: any AccountVerbs
    package var discovery: any DiscoveryVerbs
    package var health: any HealthVerbs
    package var tokens: any TokenVerbs
    package var authorizations: any AuthorizationVerbs
    package var connectTheme: ConnectTheme
    package var audit: any AuditVerbs
    package var rates: RateLimits
    package var mail: any MailVerbs
    package var drafts: any DraftVerbs
    package var submissions: any SubmissionVerbs
    package var templates: any TemplateVerbs
    package var webhooks: any WebhookVerbs
    package var events: any EventVerbs
    /// Nil where the program keeps no answers: `Idempotency-Key` then is checked and has no effect.
    package var idempotency: (any IdempotencyStore)?
    /// The processes that work on the same store.
    package var nodes: @Sendable () async throws -> [NodeStatus]
    /// Whether the store can be reached: `/readyz`.
    package var isReady: @Sendable () async -> Bool
    package var version: String
    /// Octets of a request body; 413 beyond.
    package var maxBodyBytes: Int
    /// Octets of a message that is imported, and where it is put until it is stored.
    package var maxMessageBytes: Int
    package var spool: BodySpooler
    /// Whether an unexpected error means that something of ours, the store above all, is only busy: 503 instead of 500.
    package var isTemporary: @Sendable (any Error) -> Bool
    /// Signs links to attachments; the program gives one with a key of its own.
    package var links: LinkSigner
    /// Makes html bodies safe; the program gives one that leaves the event loop.
    package var sanitize: HTMLSanitizer
    package var streamPace: EventStreamPace
    /// Counts who follows the event log.
    package let openStreams = OpenStreams()
    package var metrics: MetricsRegistry
    package var logger: Logger

    package init(
        accounts: any AccountVerbs, discovery: any DiscoveryVerbs, health: any HealthVerbs, tokens: any TokenVerbs,
        authorizations: any AuthorizationVerbs, connectTheme: ConnectTheme = ConnectTheme(), audit: any AuditVerbs,
        rates: RateLimits = RateLimits(), mail: any MailVerbs, drafts: any DraftVerbs,
        submissions: any SubmissionVerbs, templates: any TemplateVerbs,
        events: any EventVerbs, webhooks: any WebhookVerbs,
        idempotency: (any IdempotencyStore)?, isReady: @escaping @Sendable () async -> Bool,
        nodes: @escaping @Sendable () async throws -> [NodeStatus] = { [] }, version: String,
        links: LinkSigner, maxBodyBytes: Int = 32 << 20, maxMessageBytes: Int = 50 << 20,
        spool: @escaping BodySpooler,
        isTemporary: @escaping @Sendable (any Error) -> Bool = { _ in false },
        sanitize: @escaping HTMLSanitizer = { SafeHTML($0, addresses: $1) },
        streamPace: EventStreamPace = EventStreamPace(), metrics: MetricsRegistry = MetricsRegistry(), logger: Logger
    ) {
        self.accounts = accounts
        self.discovery = discovery
        self.health = health
        self.tokens = tokens
        self.authorizations = authorizations
        self.connectTheme = connectTheme
        self.audit = audit
        self.rates = rates
        self.mail = mail
        self.drafts = drafts
        self.submissions = submissions
        self.templates = templates
        self.webhooks = webhooks
        self.events = events
        self.idempotency = idempotency
        self.isReady = isReady
        self.nodes = nodes
        self.version = version
        self.maxBodyBytes = maxBodyBytes
        self.maxMessageBytes = maxMessageBytes
        self.spool = spool
        self.isTemporary = isTemporary
        self.links = links
        self.sanitize = sanitize
        self.streamPace = streamPace
        self.metrics = metrics
        self.logger = logger
    }
}
