import Database
import Model
import Store
import TestDatabases
import Testing
import Wire

@Suite struct AccountRepositoryTests {
    @Test(arguments: DatabaseFixture.all)
    func `gives back what was stored, with the secrets apart`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            let account = Account.sample("a")
            #expect(try await store.accounts.insert(account, credentials: .sample))
            #expect(try await store.accounts.account(account.id) == account)
            let opened = try await store.accounts.opened(account.id)
            #expect(opened?.account == account)
            #expect(opened?.credentials == .sample)
            #expect(try await store.accounts.account(AccountID(rawValue: "b")) == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `does not overwrite an account of the same id`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            var other = Account.sample("a")
            other.email = "eve@example.org"
            let inserted = try await store.accounts.insert(other, credentials: AccountCredentials(shared: nil))
            #expect(!inserted)
            #expect(try await store.accounts.opened(other.id)?.credentials == .sample)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `changes only the revision it was read at`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            var account = Account.sample("a")
            account.name = nil
            account.servers[.imap] = nil
            account.revision = 2
            #expect(try await store.accounts.update(account, credentials: nil, ifRevision: 1))
            #expect(try await store.accounts.opened(account.id)?.account == account)
            #expect(try await store.accounts.opened(account.id)?.credentials == .sample)
            let late = try await store.accounts.update(
                account, credentials: AccountCredentials(shared: nil), ifRevision: 1)
            #expect(!late)
            #expect(try await store.accounts.opened(account.id)?.credentials == .sample)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `writes a state without a new revision, and never over disabled`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let id = AccountID(rawValue: "a")
            let fault = AccountFault(mailProtocol: .smtp, code: "authentication-failed", text: "535 no", at: .at(5))
            #expect(try await store.accounts.setState(id, .authenticationFailed, lastError: fault, ifRevision: 1))
            var account = try #require(try await store.accounts.account(id))
            #expect(account.state == .authenticationFailed && account.lastError == fault && account.revision == 1)
            account.state = .disabled
            account.revision = 2
            _ = try await store.accounts.update(account, credentials: nil, ifRevision: 1)
            #expect(try await !store.accounts.setState(id, .connected, lastError: nil, ifRevision: 2))
            #expect(try await store.accounts.account(id)?.state == .disabled)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `removes all that hangs on an account`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.addAccount("a")
            try await store.submissions.insert(.sample("s"), content: Array(repeating: 1, count: 600_000))
            #expect(try await !store.accounts.delete(AccountID(rawValue: "a"), ifRevision: 9))
            #expect(try await store.accounts.delete(AccountID(rawValue: "a"), ifRevision: 1))
            for table in ["accounts", "credentials", "submissions", "blobs", "blob_chunks"] {
                let count = try await database.read { sql in
                    try sql.first("SELECT COUNT(*) AS n FROM \(unescaped: table)")?.integer("n")
                }
                #expect(count == 0, "\(table)")
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `neither a secret nor another account's one can be read from the rows`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.addAccount("a")
            try await store.addAccount("b")
            let sealed = try await database.read { sql in
                try sql.first("SELECT sealed FROM credentials WHERE account_id = 'a'")?.blob("sealed")
            }
            let bytes = try #require(sealed)
            #expect(!String(decoding: bytes, as: UTF8.self).contains("password"))
            try await database.execute("UPDATE credentials SET sealed = \(bytes) WHERE account_id = 'b'")
            await #expect(throws: StoreError.tampered("credentials/b/sealed")) {
                _ = try await store.accounts.opened(AccountID(rawValue: "b"))
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `lists oldest first, also where times are the same, and only what is visible`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            let ids = ["d", "a", "c", "b", "e"]
            for id in ids { try await store.addAccount(id, createdAt: id == "d" ? 1 : 2) }
            var seen: [String] = []
            var cursor: PageCursor?
            repeat {
                let page = try await store.accounts.list(after: cursor, limit: 2, visible: nil)
                seen += page.data.map(\.id.rawValue)
                cursor = page.nextCursor.flatMap { PageCursor($0) }
            } while cursor != nil
            #expect(seen == ["d", "a", "b", "c", "e"])
            let visible: Set = [AccountID(rawValue: "e"), AccountID(rawValue: "a"), AccountID(rawValue: "gone")]
            let page = try await store.accounts.list(after: nil, limit: 10, visible: visible)
            #expect(page.data.map(\.id.rawValue) == ["a", "e"] && page.nextCursor == nil)
            #expect(try await store.accounts.list(after: nil, limit: 10, visible: []).data.isEmpty)
        }
    }

    @Test(arguments: ["", "x", "AAAA", "====", "MTpi", "Ojpi"])
    func `reads only cursors that it wrote`(_ text: String) {
        let cursor = PageCursor(text)
        #expect(cursor == nil || cursor == PageCursor(createdAt: .at(1), id: "b"))
        let written = PageCursor(createdAt: .at(-5), id: "a:b")
        #expect(PageCursor(written.text) == written)
    }
}
