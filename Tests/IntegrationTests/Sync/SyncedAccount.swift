import Database
import Logging
import MailClient
import MailServers
import Model
import RemoteMail
import Store
import Sync
import Testing
import Transport

/// One account of a real server with a store and a sync engine of its own.
final class SyncedAccount: Sendable {
    /// An event with its data read.
    struct Seen: Sendable {
        let event: Event
        let data: JSONValue

        var type: EventType { event.type }
        subscript(name: String) -> String? { data[name].string }
        func list(_ name: String) -> [String] { data[name].array.compactMap(\.string) }
    }

    private static let loops = Result { try EventLoopGroup(loops: 1) }
    let server: SyncServer
    let user: MailUser
    let id: AccountID
    let store: MailStore
    private let folder: TemporaryFolder
    private let sessions: AccountSessions
    private let engine: SyncEngine
    private let task: Task<Void, Never>

    /// Adds the account and begins to keep it in step; returns when it is watched and everything was read.
    ///
    /// What came since `age` ago is news to it, whether or not it was there at the first look.
    static func start(
        _ server: SyncServer, user: MailUser? = nil, in folder: TemporaryFolder? = nil, age: Duration = .zero
    ) async throws -> SyncedAccount {
        let account = try await begin(server, user: user, in: folder, age: age)
        try await account.settle()
        return account
    }

    /// The same without waiting for anything; `noteSyncing` is told when its mail begins to be read, and ends.
    static func begin(
        _ server: SyncServer, user: MailUser? = nil, in folder: TemporaryFolder? = nil, age: Duration = .zero,
        noteSyncing: @escaping SyncEngine.SyncingObserver = { _, _ in }
    ) async throws -> SyncedAccount {
        let user = if let user { user } else { try await server.newUser() }
        let folder = try folder ?? TemporaryFolder("sync", inMemory: true)
        return try await SyncedAccount(server, user, folder, age, noteSyncing)
    }

    private init(
        _ server: SyncServer, _ user: MailUser, _ folder: TemporaryFolder, _ age: Duration,
        _ noteSyncing: @escaping SyncEngine.SyncingObserver
    ) async throws {
        self.server = server
        self.user = user
        self.folder = folder
        id = AccountID(rawValue: "a")
        store = try await MailStore.open(
            try await server.openDatabase(in: folder), masterKey: try MasterKey(octets: Array(repeating: 7, count: 32)))
        let login = try await server.login(user)
        if try await store.accounts.account(id) == nil {
            let now = Timestamp.now().advanced(by: .zero - age)
            let account = Account(
                id: id, name: nil, email: user.email, servers: [.imap: AccountServer(endpoint: login.endpoint)],
                username: user.email, state: .connected, lastError: nil, createdAt: now, updatedAt: now, revision: 1)
            _ = try await store.accounts.insert(account, credentials: AccountCredentials(shared: login.credentials))
        }
        sessions = AccountSessions(
            loops: try Self.loops.get(), sessionsPerAccount: 3, dialer: MailDialer(),
            login: { _, _ in AccountLogin(login: login, revision: 1) }, observe: { _, _, _ in })
        // The only node there is, and alive for as long as a test may take.
        let standing = NodeStanding()
        try await store.nodes.clear()
        _ = try await store.nodes.beat(
            NodeFacts(id: standing.id, host: "test", version: "1"), for: .seconds(3600))
        standing.confirm(until: .now + .seconds(3600))
        let engine = SyncEngine(
            store: store, sessions: sessions, standing: standing, usesNotify: true, noteSyncing: noteSyncing,
            logger: Logger(label: "sync"))
        self.engine = engine
        task = Task(name: "sync under test") { await engine.run() }
    }

    /// Returns when the account is watched and nothing remains to be read.
    func settle() async throws {
        try await eventually("the account is watched") {
            let isComplete = try await store.index.isComplete(id)
            return isComplete && engine.board[id]?.phase == .watching
        }
    }

    /// Verbs on its mail, by the same sessions and index.
    var mail: MailService { MailService(sessions: sessions, index: store.index) }

    /// Ends the sync alone: what happens from now on the index does not know.
    func pause() async {
        task.cancel()
        await task.value
    }

    /// Stops as a process does that is told to.
    func stop() async throws {
        await pause()
        await sessions.close()
        await store.close()
    }

    /// The same account, begun anew on the same store.
    func restarted() async throws -> SyncedAccount {
        try await stop()
        return try await Self.start(server, user: user, in: folder)
    }

    func poke() { engine.poke(id) }

    /// As if its settings had been changed.
    func change() async { await engine.accountChanged(id) }

    /// Lets the engine compare its workers with the leases.
    func look() { engine.look() }

    /// All events of mail so far.
    func events(after: Int64 = 0) async throws -> [Seen] {
        let page = try await store.events.page(after: after, limit: 500)
        return try page.events.filter { !$0.type.rawValue.hasPrefix("account.") }.map { event in
            Seen(event: event, data: try JSONValue(parsing: event.data))
        }
    }

    /// The events after a place in the log, once there are so many.
    func events(_ count: Int, after: Int64 = 0) async throws -> [Seen] {
        try await eventually("\(count) events") {
            try await events(after: after)
        } until: {
            $0.count >= count
        }
    }

    /// The last place in the log.
    var newest: Int64 { get async throws { try await store.events.page(after: 0, limit: 1).ends.newest } }

    func mailbox(_ name: String) async throws -> MailboxRecord {
        let path = server.path(name)
        return try #require(try await store.sync.mailboxes(of: id).first { $0.path == path })
    }
}
