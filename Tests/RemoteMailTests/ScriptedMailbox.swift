import Database
import MailClient
import MailServers
import Model
import RemoteMail
import Store
import Transport
import Wire

/// A mail service before a server that answers by rules.
struct ScriptedMailbox {
    let server: ScriptedServer
    let service: MailService
    private let sessions: AccountSessions
    private let store: MailStore
    private let database: SQLiteDatabase
    private let folder: TemporaryFolder
    static let account = AccountID(rawValue: "acc")

    var deadline: ContinuousClock.Instant { .now + .seconds(30) }
    var account: AccountID { Self.account }
    /// What was asked of messages.
    var fetches: [String] { server.received.filter { $0.contains("FETCH") } }

    private static let loops = Result { try EventLoopGroup(loops: 1) }

    /// One mailbox, INBOX, with so many messages.
    init(messages: Int, capabilities: String = "", _ rules: [ScriptedServer.Rule]) async throws {
        let words = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS MOVE ESEARCH LIST-STATUS LIST-EXTENDED \(capabilities)"
        let usual = [
            ScriptedServer.Rule("AUTHENTICATE", answer: "%TAG% OK [CAPABILITY \(words)] in\r\n"),
            ScriptedServer.Rule(
                "LIST",
                answer: "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\Trash) \"/\" Trash\r\n%TAG% OK done\r\n"),
            ScriptedServer.Rule(
                "SELECT", answer: Self.selected(messages)),
            ScriptedServer.Rule("EXAMINE", answer: Self.selected(messages)),
        ]
        server = try ScriptedServer([.send("* OK [CAPABILITY \(words)] ready\r\n"), .serve(rules + usual)])
        let login = ServerLogin(
            endpoint: ServerEndpoint(host: "127.0.0.1", port: server.port, security: .none),
            credentials: Credentials(username: "u", authentication: .password(Secret("p"))))
        sessions = AccountSessions(
            loops: try Self.loops.get(), sessionsPerAccount: 1, dialer: MailDialer(),
            login: { _, _ in AccountLogin(login: login, revision: 1) }, observe: { _, _, _ in })
        folder = try TemporaryFolder("index", inMemory: true)
        database = try SQLiteDatabase(path: folder("store.db"))
        store = try await MailStore.open(
            database, masterKey: MasterKey(octets: Array(repeating: 7, count: 32)))
        let now = Timestamp.now()
        _ = try await store.accounts.insert(
            Account(
                id: Self.account, name: nil, email: "u@example.test", servers: [:], username: nil, state: .connected,
                lastError: nil, createdAt: now, updatedAt: now, revision: 1),
            credentials: AccountCredentials(shared: nil))
        service = MailService(sessions: sessions, index: store.index)
    }

    /// The id of a message of the inbox, which the index knows from now on.
    func id(uid: UInt32) async throws -> EmailID {
        let inbox = MailboxID(path: "INBOX")
        _ = try await store.index.identify([ListedMailbox(path: "INBOX", proposedID: inbox)], of: account)
        let email = EmailID(rawValue: "m\(uid)")
        let seen = SeenMessage(
            uid: uid, identity: MessageIdentity(email: email, thread: .assigned(ThreadID(rawValue: "t"))),
            keywords: [], receivedAt: .now(), size: 1)
        _ = try await store.index.adopt([seen], in: inbox, uidValidity: 7, of: account)
        return email
    }

    /// As if the sync had read the inbox, whose messages are known from a list, up to this UID.
    func isRead(upTo uidNext: Int64) async throws {
        _ = try await database.write { sql in
            try sql.execute(
                "UPDATE mailboxes SET uid_next = \(uidNext), backfill = 0, checked_at = 1 WHERE path = \("INBOX")")
        }
    }

    /// The verbs as the API has them.
    func mail(keys: @escaping AccountMail.Keys) -> AccountMail {
        AccountMail(
            imap: service,
            pop3: MaildropService(
                sessions: sessions, index: store.index, maildrops: store.maildrops, retention: { _ in nil }),
            keeper: { _ in .imap }, keys: keys)
    }

    func close() async {
        await sessions.close()
        await store.close()
        server.stop()
    }

    func list(_ change: (inout MessageQuery) -> Void = { _ in }) async throws -> Page<Message> {
        var query = MessageQuery(mailbox: .role(.inbox))
        change(&query)
        return try await service.messages(
            of: account, matching: query, limit: 50, cursor: nil, deadline: deadline)
    }

    private static func selected(_ count: Int) -> String {
        "* \(count) EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT \(count + 11)] n\r\n%TAG% OK [READ-WRITE] done\r\n"
    }
}
