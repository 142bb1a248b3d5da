package import Accounts
package import MailClient
package import Model
package import Outbox
package import RemoteMail
package import Webhooks
package import Wire

/// The verbs on accounts.
///
/// Like the other three it is a protocol, so that a test can stand in for the engine.
package protocol AccountVerbs: Sendable {
    func create(_ draft: AccountDraft, verify: Bool, deadline: ContinuousClock.Instant) async throws -> Account
    func list(limit: Int, cursor: String?, visible: Set<AccountID>?) async throws -> Page<Account>
    func account(_ id: AccountID) async throws -> Account
    func update(
        _ id: AccountID, with patch: AccountPatch, ifRevision: Int64?, verify: Bool, deadline: ContinuousClock.Instant
    ) async throws -> Account
    func delete(_ id: AccountID, ifRevision: Int64?) async throws
    func reconnect(_ id: AccountID, deadline: ContinuousClock.Instant) async throws -> Account
    func verify(
        _ draft: AccountDraft, deadline: ContinuousClock.Instant
    ) async throws -> [MailProtocol: MailClientError?]
}

/// The verb that finds out which servers an address has.
package protocol DiscoveryVerbs: Sendable {
    func discover(_ email: String, deadline: ContinuousClock.Instant) async throws -> Discovery
}

/// The verbs on tokens, and who a bearer is.
package protocol TokenVerbs: Sendable {
    func create(_ draft: TokenDraft) async throws -> (token: Token, secret: Secret)
    func list(limit: Int, cursor: String?) async throws -> Page<Token>
    func revoke(_ id: TokenID) async throws
    func principal(bearer: String) async throws -> Principal?
}

/// The verbs by which mailboxes are connected.
package protocol AuthorizationVerbs: Sendable {
    /// Names of providers with the origins that they are asked at, in the order of the page.
    var providerOrigins: [(name: String, origin: String)] { get }
    func create(_ draft: AuthorizationDraft) async throws -> (authorization: Authorization, url: String?)
    func authorization(_ id: String) async throws -> Authorization
    func redeem(_ result: String) async throws -> Authorization
    func page(_ link: String) async throws -> Authorization
    func reopened(_ link: String) async throws -> String
    func begin(_ link: String, cookie: Secret, email: String?, provider: String) async throws -> String
    func complete(
        _ answer: AuthorizationService.ProviderAnswer, cookie: Secret?
    ) async throws -> AuthorizationService.Ending
    func connect(
        _ link: String, email: String, password: Secret, servers: [MailProtocol: ServerEndpoint]
    ) async throws -> AuthorizationService.Ending
}

/// The audit log.
package protocol AuditVerbs: Sendable {
    func note(_ entry: AuditEntry)
    func list(account: AccountID?, principal: String?, limit: Int, cursor: String?) async throws -> Page<AuditEntry>
}

/// The verbs on remote mailboxes and messages.
package protocol MailVerbs: MailboxVerbs {
    func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox]
    func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message>
    func threads(
        of account: AccountID, in mailbox: MailboxReference, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Conversation>
    func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation
    func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message
    func rawMessage(
        _ id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent
    func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, needsSize: Bool,
        deadline: ContinuousClock.Instant
    ) async throws -> MessageContent
    func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message
    func setMailboxes(
        _ mailboxes: [MailboxReference], of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func move(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func copy(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func importMessage(
        _ upload: MessageUpload, into mailbox: MailboxReference, keywords: [String], receivedAt: Timestamp?,
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome]
    func batch(
        matching query: MessageQuery, _ action: BatchAction, of account: AccountID, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> BatchPage
    func judgeSpam(
        _ id: EmailID, isSpam: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func delete(
        _ id: EmailID, of account: AccountID, permanently: Bool, deadline: ContinuousClock.Instant
    ) async throws
}

/// The verbs on one mailbox.
package protocol MailboxVerbs: Sendable {
    func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox
    func createMailbox(
        _ draft: MailboxDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Mailbox
    func updateMailbox(
        _ reference: MailboxReference, with patch: MailboxPatch, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Mailbox
    func deleteMailbox(
        _ reference: MailboxReference, force: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws
    func quota(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [QuotaUsage]
}

/// The verbs on drafts.
package protocol DraftVerbs: Sendable {
    func createDraft(
        _ draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func replaceDraft(
        _ id: EmailID, with draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message?
    func sendDraft(
        _ id: EmailID, terms: SubmissionTerms, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Submission
}

/// The verbs on submissions.
package protocol SubmissionVerbs: Sendable {
    /// `uploads` are the files of the form that the draft came with; `source` is the request's own key: see
    /// `SubmissionTerms.source`.
    func submit(
        _ draft: SubmissionDraft, uploads: [String: ContentSource], source: String?, for account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Submission
    func submit(
        raw message: ContentFile, envelope: SubmissionEnvelope?, terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission
    /// What became of each, in the order given.
    func submit(
        batch drafts: [SubmissionDraft], source: String?, for account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [Result<Submission, OutboxError>]
    func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission
    func list(
        account: AccountID?, visible: Set<AccountID>?, limit: Int, cursor: String?
    ) async throws -> Page<Submission>
    func cancel(_ id: SubmissionID, of account: AccountID) async throws
    func retry(_ id: SubmissionID, of account: AccountID) async throws -> Submission
}

/// The verbs on templates.
package protocol TemplateVerbs: Sendable {
    func create(_ content: TemplateContent) async throws -> Template
    func list(limit: Int, cursor: String?) async throws -> Page<Template>
    func template(_ id: TemplateID) async throws -> Template
    func update(_ id: TemplateID, with patch: TemplatePatch, ifRevision: Int64?) async throws -> Template
    func delete(_ id: TemplateID, ifRevision: Int64?) async throws
    func render(_ id: TemplateID, with values: [String: String]) async throws -> TemplateContent
}

/// The verb that tells how an account does.
package protocol HealthVerbs: Sendable {
    func health(of account: AccountID) async throws -> AccountHealth
}

/// The verbs on webhooks.
package protocol WebhookVerbs: Sendable {
    func create(_ draft: WebhookDraft) async throws -> (webhook: Webhook, secret: Secret)
    func list(limit: Int, cursor: String?) async throws -> Page<Webhook>
    func webhook(_ id: WebhookID) async throws -> Webhook
    func update(_ id: WebhookID, with patch: WebhookPatch, ifRevision: Int64?) async throws -> Webhook
    func delete(_ id: WebhookID, ifRevision: Int64?) async throws
    func rotateSecret(_ id: WebhookID) async throws -> (webhook: Webhook, secret: Secret)
    func test(_ id: WebhookID) async throws -> WebhookTestResult
    func deliveries(
        of id: WebhookID, state: WebhookDeliveryState?, limit: Int, cursor: String?
    ) async throws -> Page<WebhookDelivery>
    func redeliver(_ delivery: String, of id: WebhookID) async throws -> WebhookDelivery
    func replay(_ id: WebhookID, after place: Int64) async throws -> Webhook
}

extension AccountService: AccountVerbs {}
extension DiscoveryService: DiscoveryVerbs {}
extension TokenService: TokenVerbs {}
extension AuditService: AuditVerbs {}
extension AuthorizationService: AuthorizationVerbs {
    package var providerOrigins: [(name: String, origin: String)] {
        client.providers.configured.values.sorted { $0.name < $1.name }.compactMap { provider in
            (provider.authorizationURL ?? provider.issuer).flatMap(ConnectPage.origin).map { (provider.name, $0) }
        }
    }
}
extension AccountMail: MailVerbs {}
extension DraftService: DraftVerbs {}
extension SubmissionService: SubmissionVerbs {}
extension TemplateService: TemplateVerbs {}
extension WebhookService: WebhookVerbs {}
