import API
import Accounts
import Database
import Logging
import MailClient
import Model
import Outbox
import RemoteMail
import SafeHTML
import Store
import Transport

/// The engines and what they share, joined.
///
/// Engines do not know each other: where one needs another's verb it gets a
/// closure, here.
struct Parts {
    let sessions: AccountSessions
    let worker: DeliveryWorker
    let apiDependencies: APIDependencies

    init(_ settings: Settings, store: MailStore, loops: EventLoopGroup, logger: Logger) {
        let directory = AccountDirectory(store: store)
        let sessions = AccountSessions(
            loops: loops, sessionsPerAccount: settings.sessionsPerAccount,
            login: { account, mailProtocol in
                let found = try await directory.login(for: account, mailProtocol)
                return AccountLogin(login: found.login, revision: found.revision)
            },
            observe: { account, mailProtocol, error in
                await directory.noteContact(account, mailProtocol, error: error)
            })
        let mail = MailService(sessions: sessions)
        directory.onChange { account, _ in
            mail.forget(account)
            await sessions.forget(account)
        }
        let worker = DeliveryWorker(
            store: store, sessions: sessions,
            fileSent: { account, message, messageID, deadline in
                try await mail.fileSent(message, messageID: messageID, of: account, deadline: deadline)
            },
            logger: logger)
        let accounts = AccountService(store: store, directory: directory) { mailProtocol, login, deadline in
            await AccountSessions.probe(mailProtocol, login, loops: loops, deadline: deadline)
        }
        let submissions = SubmissionService(
            store: store, account: { try await directory.settings(of: $0) }, wakeWorker: { worker.wakeUp.ring() })
        self.sessions = sessions
        self.worker = worker
        apiDependencies = APIDependencies(
            accounts: accounts,
            tokens: TokenService(store: store, adminToken: settings.adminToken),
            mail: mail,
            drafts: DraftService(
                mail: mail,
                compose: { draft, account in try await submissions.compose(draft, for: account) },
                submit: { message, saveToSent, account in
                    try await submissions.submit(stored: message, saveToSent: saveToSent, for: account)
                }),
            submissions: submissions,
            idempotency: IdempotencyKeeper(repository: store.idempotency),
            isReady: { (try? await store.ping()) != nil },
            version: Version.current,
            links: LinkSigner(key: store.masterKey.derived(for: "attachment links"), base: settings.publicURL),
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
            logger: logger)
    }
}
