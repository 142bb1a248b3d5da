import Accounts
import Database
import MailClient
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

@Suite struct AccountDirectoryTests {
    private static let a = AccountID(rawValue: "a")

    private static func with(
        _ database: DatabaseFixture = .sqlite, _ body: (AccountFixture) async throws -> Void
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            try await body(fixture)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a protocol uses its own credentials before the common ones`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            var draft = AccountDraft.sample()
            let own = Credentials(username: "relay", authentication: .password(Secret("x")))
            draft.ownCredentials[.smtp] = own
            _ = try await fixture.service.create(draft, verify: false, deadline: .soon)
            let smtp = try await fixture.directory.login(for: Self.a, .smtp).login
            let imap = try await fixture.directory.login(for: Self.a, .imap).login
            #expect(smtp.credentials == own && imap.credentials.username == "ada")
            await #expect(throws: MailClientError.notConfigured(.pop3)) {
                _ = try await fixture.directory.login(for: Self.a, .pop3)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `answers from memory`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { fixture in
            _ = try await fixture.directory.login(for: Self.a, .imap)
            // Gone behind the directory's back: it still answers, so it did not ask the store.
            _ = try await fixture.store.accounts.delete(Self.a, ifRevision: nil)
            let login = try await fixture.directory.login(for: Self.a, .imap)
            #expect(login.revision == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `says in the account how its servers answer, and only when that is news`(_ database: DatabaseFixture)
        async throws
    {
        try await Self.with(database) { fixture in
            let refused = MailClientError.authenticationFailed(.smtp, text: "535 no")
            await fixture.directory.noteContact(Self.a, .imap, error: nil)
            var account = try await fixture.service.account(Self.a)
            #expect(account.state == .connected && account.lastError == nil)

            await fixture.directory.noteContact(Self.a, .smtp, error: refused)
            account = try await fixture.service.account(Self.a)
            #expect(account.state == .authenticationFailed)
            #expect(account.lastError?.mailProtocol == .smtp && account.lastError?.code == "authentication-failed")
            let at = account.lastError?.at

            // A server that is away weighs less than a refused password, and the same refusal again is no news.
            await fixture.directory.noteContact(Self.a, .imap, error: .timedOut(.imap, phase: "greeting"))
            await fixture.directory.noteContact(Self.a, .smtp, error: refused)
            account = try await fixture.service.account(Self.a)
            #expect(account.state == .authenticationFailed && account.lastError?.at == at)

            await fixture.directory.noteContact(Self.a, .smtp, error: nil)
            account = try await fixture.service.account(Self.a)
            #expect(account.state == .unreachable && account.lastError?.code == "timed-out")

            await fixture.directory.noteContact(Self.a, .imap, error: nil)
            account = try await fixture.service.account(Self.a)
            #expect(account.state == .connected && account.lastError == nil && account.revision == 1)
        }
    }

    @Test(arguments: [
        MailClientError.cancelled, .notConfigured(.imap), .rejected(.imap, code: "NONEXISTENT", text: "no mailbox"),
    ])
    func `what says nothing about the server changes nothing`(_ error: MailClientError) async throws {
        try await Self.with { fixture in
            await fixture.directory.noteContact(Self.a, .smtp, error: .unavailable(.smtp, text: "421"))
            await fixture.directory.noteContact(Self.a, .imap, error: error)
            let account = try await fixture.service.account(Self.a)
            #expect(account.state == .unreachable && account.lastError?.mailProtocol == .smtp)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what could not be stored of one protocol is not forgotten when another answers`(
        _ database: DatabaseFixture
    ) async throws {
        try await database.withDatabase { database in
            let fixture = AccountFixture(store: try await MailStore.open(database, masterKey: try .example))
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            func run(_ statement: SQL) async throws { _ = try await database.write { try $0.execute(statement) } }
            try await run("ALTER TABLE accounts RENAME TO elsewhere")
            await fixture.directory.noteContact(Self.a, .smtp, error: .unavailable(.smtp, text: "421"))
            try await run("ALTER TABLE elsewhere RENAME TO accounts")
            await fixture.directory.noteContact(Self.a, .imap, error: nil)
            let account = try await fixture.service.account(Self.a)
            #expect(account.state == .unreachable && account.lastError?.mailProtocol == .smtp)
        }
    }

    /// What `reconnect` answers is read after its probes were noted, while the sync notes what it meets.
    @Test(arguments: DatabaseFixture.all)
    func `a contact is stored when it has been noted, whoever else is writing`(
        _ database: DatabaseFixture
    ) async throws {
        try await Self.with(database) { fixture in
            for number in 0..<50 {
                let away: MailClientError? = number % 2 == 0 ? .unavailable(.imap, text: "421") : nil
                async let other: Void = fixture.directory.noteContact(Self.a, .imap, error: away)
                let refused = MailClientError.authenticationFailed(.smtp, text: "535")
                await fixture.directory.noteContact(Self.a, .smtp, error: refused)
                let account = try await fixture.service.account(Self.a)
                #expect(account.state == .authenticationFailed)
                await other
                await fixture.directory.noteContact(Self.a, .smtp, error: nil)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `many contacts at once end in the last word`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { fixture in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let error: MailClientError? = number % 2 == 0 ? .unavailable(.imap, text: "x") : nil
                        await fixture.directory.noteContact(Self.a, .imap, error: error)
                    }
                }
            }
            await fixture.directory.noteContact(Self.a, .imap, error: nil)
            let account = try await fixture.service.account(Self.a)
            #expect(account.state == .connected)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `reconnect tells the pools and probes now`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { fixture in
            fixture.answers.withLock { $0["imap.example.org"] = .disconnected(.imap, text: "BYE") }
            var account = try await fixture.service.reconnect(Self.a, deadline: .soon)
            #expect(account.state == .unreachable && account.lastError?.code == "disconnected")
            #expect(fixture.changes.withLock { $0 } == ["a created", "a changed"])
            fixture.answers.withLock { $0 = [:] }
            account = try await fixture.service.reconnect(Self.a, deadline: .soon)
            #expect(account.state == .connected && account.lastError == nil)
        }
    }
}
