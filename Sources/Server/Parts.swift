import API
import Accounts
import Database
import Events
import HTTPClient
import Logging
import MailClient
import Metrics
import Model
import Nodes
import Outbox
import RemoteMail
import SafeHTML
import Store
import Sync
import Transport
import Webhooks

/// The engines and what they share, joined.
///
/// Engines do not know each other: where one needs another's verb it gets a
/// closure, here.
struct Parts {
    let sessions: AccountSessions
    let worker: DeliveryWorker
    let nodes: NodeParts
    let outcome: OutcomeWorker
    let webhooks: WebhookParts
    let discovery: DiscoveryParts
    let identity: IdentityParts
    let directory: AccountDirectory
    let sync: SyncEngine
    let events: EventService
    let metrics: MetricsRegistry
    let httpMetrics = HTTPMetrics()
    let apiDependencies: APIDependencies

    init(_ settings: Settings, store: MailStore, loops: EventLoopGroup, logger: Logger) throws(StartFault) {
        let addresses = AddressPolicy(allowsLocal: settings.mailAllowPrivate)
        let dialer = MailDialer(Dialer { addresses.allows($0.ip) })
        let identity = try IdentityParts(settings, store: store, loops: loops)
        self.identity = identity
        let directory = AccountDirectory(store: store, accessTokens: identity.accessTokens)
        self.directory = directory
        let standing = NodeStanding()
        let turns = MaildropTurns(store.maildropLine, standing)
        let sessions = AccountSessions(
            loops: loops, sessionsPerAccount: settings.sessionsPerAccount, dialer: dialer,
            login: { account, mailProtocol in
                let found = try await directory.login(for: account, mailProtocol)
                return AccountLogin(login: found.login, revision: found.revision)
            },
            observe: { account, mailProtocol, error in
                await directory.noteContact(account, mailProtocol, error: error)
            },
            turn: { account, deadline in try await turns.take(account, deadline) })
        let sync = SyncEngine(
            store: store, sessions: sessions, standing: standing, usesNotify: settings.usesNotify,
            pollInterval: settings.pollInterval,
            maildropInterval: settings.maildropInterval,
            noteSyncing: { account, isSyncing in await directory.noteSyncing(account, isSyncing) }, logger: logger)
        let changed: @Sendable (AccountID) -> Void = { account in
            if !sync.poke(account) { store.tell(.mailChanged(account)) }
        }
        let mailboxes = MailService(sessions: sessions, index: store.index, changed: changed)
        let maildrops = MaildropService(
            sessions: sessions, index: store.index, maildrops: store.maildrops,
            retention: { try await directory.settings(of: $0).retention }, changed: changed)
        let mail = AccountMail(
            imap: mailboxes, pop3: maildrops, keeper: { try await directory.settings(of: $0).keeper },
            authorities: { AuthenticationAuthorities(try await directory.settings(of: $0)) },
            keys: { [nameServer = settings.nameServer] name, end in
                try await nameServer.records(name, .text, on: loops.next(), deadline: Deadline(end)).compactMap {
                    guard case .text(let octets) = $0 else { return nil }
                    return octets
                }
            })
        directory.onChange { account, change in
            if change == .created { return sync.look() }
            mailboxes.forget(account)
            await sessions.forget(account)
            switch change {
            case .created: break
            case .changed: await sync.accountChanged(account)
            case .deleted: await sync.accountDeleted(account)
            }
        }
        let worker = DeliveryWorker(
            store: store, sessions: sessions, node: standing.id,
            sentMail: ServerSentMail(mail: mailboxes) { try await directory.settings(of: $0).keeper == .imap },
            serverName: { account in
                guard let endpoint = try? await directory.settings(of: account).servers[.smtp]?.endpoint else {
                    return nil
                }
                return "\(endpoint.host.lowercased()):\(endpoint.port)"
            },
            logger: logger)
        directory.onChange { account, _ in worker.forget(account) }
        outcome = OutcomeWorker(
            store: store,
            read: { id, account, octets, deadline in
                try await ServerMail(mail: mail).beginning(of: id, account, octets: octets, deadline: deadline)
            },
            mark: { keyword, id, account, deadline in
                try await ServerMail(mail: mail).mark(keyword, id, account, deadline: deadline)
            },
            logger: logger)
        let makeKey: AccountService.KeyMaking = { make in try await BlockingPool.work.run(make) }
        let accounts = AccountService(store: store, directory: directory, oauth: identity.oauth, makeKey: makeKey) {
            mailProtocol, login, deadline in
            await AccountSessions.probe(mailProtocol, login, dialer: dialer, loops: loops, deadline: deadline)
        }
        let strangers = AddressPolicy(allowsLocal: settings.connectAllowPrivate)
        let visitors = AccountService(store: store, directory: directory, oauth: identity.oauth, makeKey: makeKey) {
            mailProtocol, login, deadline in
            await AccountSessions.probe(
                mailProtocol, login, dialer: MailDialer(Dialer { strangers.allows($0.ip) }), loops: loops,
                deadline: deadline)
        }
        let submissions = SubmissionService(
            store: store, mail: ServerMail(mail: mail), account: { try await directory.settings(of: $0) },
            secrets: { try await directory.signingSecrets(of: $0) },
            wake: { account, due, isUrgent in
                worker.ring(account, at: due, isUrgent: isUrgent)
                store.tell(.submissions)
            })
        let links = LinkSigner(keys: { store.keys.derived(for: "attachment links") }, base: settings.publicURL)
        let webhooks = WebhookParts(
            settings, store: store, node: standing.id, loops: loops, mail: mail, links: links, logger: logger)
        self.webhooks = webhooks
        let discovery = DiscoveryParts(settings, loops: loops)
        self.discovery = discovery
        let events = EventService(store: store, hasAdminToken: settings.adminToken != nil)
        nodes = NodeParts(
            keeper: NodeKeeper(
                store: store, standing: standing, host: ProcessEnvironment.hostName, version: Version.current,
                syncs: settings.syncs, logger: logger),
            store: store, sync: sync, worker: worker, dispatcher: webhooks.dispatcher, directory: directory,
            tokens: identity.tokens, logger: logger)
        metrics = Self.metrics(
            store: store, sessions: sessions, sync: sync, webhooks: webhooks.dispatcher.counts, loops: loops,
            audit: identity.audit, http: httpMetrics)
        self.sessions = sessions
        self.events = events
        self.worker = worker
        self.sync = sync
        apiDependencies = APIDependencies(
            accounts: accounts,
            discovery: discovery.service,
            health: HealthReport(
                accounts: accounts, sessions: sessions, board: sync.board, usesNotify: settings.usesNotify),
            tokens: identity.tokens,
            authorizations: identity.authorizations(
                settings, store: store, accounts: accounts, visitors: visitors),
            connectTheme: identity.theme,
            audit: identity.audit,
            rates: identity.rates,
            mail: mail,
            drafts: DraftService(
                mail: mailboxes,
                requireMailboxes: { try await mail.requireMailboxes($0, for: "Drafts cannot be kept") },
                compose: { draft, account, deadline in
                    try await submissions.compose(draft, for: account, deadline: deadline)
                },
                submit: { message, terms, account in
                    try await submissions.submit(stored: message, terms: terms, for: account)
                }),
            submissions: submissions,
            templates: TemplateService(store: store),
            events: events,
            webhooks: webhooks.service,
            idempotency: IdempotencyKeeper(repository: store.idempotency),
            isReady: { (try? await store.ping()) != nil },
            nodes: { [keeper = nodes.keeper] in try await keeper.nodes() },
            version: Version.current,
            links: links,
            maxBodyBytes: settings.maxBodyBytes,
            maxMessageBytes: settings.maxMessageBytes, spool: BodySpool.spooler(in: settings.dataDirectory),
            isTemporary: { error in
                switch error as? DatabaseError {
                case .busy?, .full?, .unavailable?: true
                default: false
                }
            },
            sanitize: { html, addresses in
                try await BlockingPool.work.run { SafeHTML(html, addresses: addresses) }
            },
            metrics: metrics,
            logger: logger)
        let streams = apiDependencies.openStreams
        metrics.register {
            [MetricFamily("mailbridge_event_streams", .gauge, "Open event streams.", Double(streams.count))]
        }
    }

    /// Every part says here how its numbers are asked for.
    private static func metrics(
        store: MailStore, sessions: AccountSessions, sync: SyncEngine, webhooks: WebhookCounts, loops: EventLoopGroup,
        audit: AuditService, http: HTTPMetrics
    ) -> MetricsRegistry {
        let registry = MetricsRegistry()
        let process = ProcessMetrics()
        let delays = LoopMetrics(loops)
        registry.register { process.families() }
        registry.register { delays.families() }
        registry.register { http.families() }
        registry.register { SessionMetrics(sessions: sessions).families() }
        registry.register { await StoreMetrics(store: store).families() }
        registry.register { SyncMetrics(board: sync.board).families() }
        registry.register { AuditMetrics(audit: audit).families() }
        registry.register { await WebhookMetrics(store: store, counts: webhooks).families() }
        return registry
    }
}
