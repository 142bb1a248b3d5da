import Accounts
import MailClient
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

@Suite struct AccountServiceTests {
    private static let a = AccountID(rawValue: "a")

    @Test(arguments: DatabaseFixture.all)
    func `stores an account whose servers let us in`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            let account = try await fixture.service.create(.sample(), verify: true, deadline: .soon)
            #expect(account.state == .connected && account.revision == 1 && account.username == "ada")
            let stored = try await fixture.service.account(Self.a)
            #expect(stored == account)
            #expect(fixture.probed.withLock { $0.count } == 2)
            let made = try await fixture.service.create(.sample(nil), verify: false, deadline: .soon)
            #expect(made.id.rawValue.hasPrefix("acc_") && made.state == .connecting)
            #expect(fixture.probed.withLock { $0.count } == 2)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `stores nothing where a server refuses, and says what each said`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            let refusal = MailClientError.authenticationFailed(.imap, text: "LOGIN failed")
            fixture.answers.withLock {
                $0 = ["imap.example.org": refusal, "smtp.example.org": .timedOut(.smtp, phase: "greeting")]
            }
            let error = await #expect(throws: AccountError.self) {
                try await fixture.service.create(.sample(), verify: true, deadline: .soon)
            }
            guard case .verificationFailed(let reasons) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reasons == [.imap: refusal, .smtp: .timedOut(.smtp, phase: "greeting")])
            let stored = try await fixture.store.accounts.account(Self.a)
            #expect(stored == nil)
            let results = try await fixture.service.verify(.sample(), deadline: .soon)
            #expect(results == [.imap: .some(refusal), .smtp: .some(.timedOut(.smtp, phase: "greeting"))])
            fixture.answers.withLock { $0 = [:] }
            let passed = try await fixture.service.verify(.sample(), deadline: .soon)
            #expect(passed == [.imap: MailClientError?.none, .smtp: MailClientError?.none])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `does not take an id twice`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let error = await #expect(throws: AccountError.self) {
                try await fixture.service.create(.sample(), verify: true, deadline: .soon)
            }
            guard case .alreadyExists(Self.a) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fixture.probed.withLock { $0.isEmpty })
        }
    }

    private static let wrong: [(String, @Sendable (inout AccountDraft) -> Void, [String])] = [
        ("id", { $0.id = AccountID(rawValue: "../x") }, ["/id"]),
        ("name", { $0.name = "a\r\nb" }, ["/name"]),
        ("email", { $0.email = "ada" }, ["/email"]),
        ("email with line break", { $0.email = "ada@example.org\r\nBcc: x@y" }, ["/email"]),
        ("email with two", { $0.email = "a@b@c" }, ["/email"]),
        ("email with empty label", { $0.email = "a@b..c" }, ["/email"]),
        ("no server", { $0.servers = [:] }, [""]),
        ("host", { $0.servers[.imap]?.host = "imap example" }, ["/imap/host"]),
        ("empty host", { $0.servers[.imap]?.host = "" }, ["/imap/host"]),
        ("host with port", { $0.servers[.imap]?.host = "imap.example.org:993" }, ["/imap/host"]),
        ("url", { $0.servers[.imap]?.host = "imap://example.org" }, ["/imap/host"]),
        ("long label", { $0.servers[.imap]?.host = String(repeating: "a", count: 64) + ".org" }, ["/imap/host"]),
        ("umlaut", { $0.servers[.smtp]?.host = "bücher.example" }, ["/smtp/host"]),
        ("port", { $0.servers[.smtp]?.port = 0 }, ["/smtp/port"]),
        ("server name", { $0.servers[.smtp]?.tls.serverName = "a b" }, ["/smtp/tls/serverName"]),
        ("certificates", { $0.servers[.smtp]?.tls.caCertificates = "x" }, ["/smtp/tls/caCertificates"]),
        ("no credentials", { $0.credentials = nil }, ["/imap/credentials", "/smtp/credentials"]),
        (
            "password", { $0.credentials?.authentication = .password(Secret("a\u{0}b")) }, ["/credentials/password"]
        ),
        (
            "empty ones",
            { $0.credentials = Credentials(username: "", authentication: .password(Secret(""))) },
            ["/credentials/password", "/credentials/username"]
        ),
        (
            "own", { $0.ownCredentials[.smtp] = Credentials(username: "a\nb", authentication: .password(Secret("x"))) },
            ["/smtp/credentials/username"]
        ),
        (
            "both",
            { $0.servers[.pop3] = ServerEndpoint(host: "pop.example", port: 995, security: .tls) },
            ["/pop3"]
        ),
        (
            "no days",
            {
                $0.servers = [.pop3: ServerEndpoint(host: "pop.example", port: 995, security: .tls)]
                $0.retention = .deleteAfterDays(0)
            }, ["/pop3/retention/days"]
        ),
        (
            "several",
            {
                $0.email = ""
                $0.servers[.imap]?.port = 0
            }, ["/email", "/imap/port"]
        ),
    ]

    @Test(arguments: wrong.indices)
    func `points at what is wrong, and asks no server`(_ index: Int) async throws {
        let (what, change, expected) = Self.wrong[index]
        try await AccountFixture.with { fixture in
            var draft = AccountDraft.sample()
            change(&draft)
            let wrong = draft
            let error = await #expect(throws: AccountError.self) {
                try await fixture.service.create(wrong, verify: true, deadline: .soon)
            }
            #expect(pointers(error) == expected, "\(what)")
            let probed = await #expect(throws: AccountError.self) {
                _ = try await fixture.service.verify(wrong, deadline: .soon)
            }
            #expect(pointers(probed) == expected, "\(what)")
            #expect(fixture.probed.withLock { $0.isEmpty })
        }
    }

    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::25", "localhost", "mail_1.example.org.", "xn--bcher-kva.example"])
    func `takes every way to name a host`(_ host: String) async throws {
        try await AccountFixture.with { fixture in
            var draft = AccountDraft.sample()
            draft.servers[.imap]?.host = host
            let account = try await fixture.service.create(draft, verify: false, deadline: .soon)
            #expect(account.servers[.imap]?.endpoint.host == host)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a patch changes what it names, probes the result and raises the revision`(_ database: DatabaseFixture)
        async throws
    {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let patch = AccountPatch(
                name: .some(nil), servers: [.imap: ServerPatch(host: "new.example.org"), .smtp: nil],
                credentials: CredentialsPatch(authentication: .password(Secret("new"))))
            let account = try await fixture.service.update(
                Self.a, with: patch, ifRevision: 1, verify: true, deadline: .soon)
            #expect(account.name == nil && account.email == "ada@example.org" && account.revision == 2)
            #expect(account.servers.keys.map(\.self) == [.imap])
            #expect(account.servers[.imap]?.endpoint.port == 993)
            let expected = ServerLogin(
                endpoint: ServerEndpoint(host: "new.example.org", port: 993, security: .tls),
                credentials: Credentials(username: "ada", authentication: .password(Secret("new"))))
            #expect(fixture.probed.withLock { $0 } == [expected])
            let login = try await fixture.directory.login(for: Self.a, .imap)
            #expect(login.login == expected && login.revision == 2)
            #expect(fixture.changes.withLock { $0 } == ["a created", "a changed"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a patch that a server refuses changes nothing`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            let before = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            fixture.answers.withLock { $0["imap.example.org"] = .authenticationFailed(.imap, text: "no") }
            let patch = AccountPatch(credentials: CredentialsPatch(authentication: .password(Secret("wrong"))))
            await #expect(throws: AccountError.self) {
                try await fixture.service.update(Self.a, with: patch, ifRevision: nil, verify: true, deadline: .soon)
            }
            let after = try await fixture.service.account(Self.a)
            #expect(after == before)
            let login = try await fixture.directory.login(for: Self.a, .imap).login
            #expect(login.credentials.authentication == .password(Secret("hunter2")))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a patch that changes nothing, or only a name, asks no server`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            let before = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let same = try await fixture.service.update(
                Self.a, with: AccountPatch(email: "ada@example.org"), ifRevision: nil, verify: true, deadline: .soon)
            #expect(same == before)
            let named = try await fixture.service.update(
                Self.a, with: AccountPatch(name: "Countess"), ifRevision: nil, verify: true, deadline: .soon)
            #expect(named.name == "Countess" && named.revision == 2)
            #expect(fixture.probed.withLock { $0.isEmpty })
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `another revision than the caller's is refused`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            for attempt in 0..<2 {
                let error = await #expect(throws: AccountError.self) {
                    if attempt == 0 {
                        _ = try await fixture.service.update(
                            Self.a, with: AccountPatch(name: "x"), ifRevision: 7, verify: false, deadline: .soon)
                    } else {
                        try await fixture.service.delete(Self.a, ifRevision: 7)
                    }
                }
                guard case .revisionMismatch(current: 1) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `changes at once are merged, none is lost`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let patches = [
                AccountPatch(name: "N"), AccountPatch(email: "new@example.org"),
                AccountPatch(servers: [.imap: ServerPatch(port: 1143)]),
                AccountPatch(credentials: CredentialsPatch(username: "u")),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for patch in patches {
                    group.addTask {
                        _ = try await fixture.service.update(
                            Self.a, with: patch, ifRevision: nil, verify: false, deadline: .soon)
                    }
                }
                try await group.waitForAll()
            }
            let account = try await fixture.service.account(Self.a)
            #expect(account.name == "N" && account.email == "new@example.org" && account.username == "u")
            #expect(account.servers[.imap]?.endpoint.port == 1143 && account.revision == 5)
        }
    }

    /// A token that is bound to the account may change it; the password it must not learn.
    @Test func `a password is shown to no host that it was not given for`() async throws {
        try await AccountFixture.with { fixture in
            let before = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            for patch in [
                AccountPatch(servers: [.imap: ServerPatch(host: "imap.evil.test")]),
                AccountPatch(servers: [.smtp: ServerPatch(host: "evil.test")]),
                AccountPatch(servers: [.imap: nil, .pop3: ServerPatch(host: "evil.test")]),
                AccountPatch(
                    servers: [.imap: ServerPatch(host: "evil.test")], credentials: CredentialsPatch(username: "other")),
                AccountPatch(
                    servers: [
                        .imap: ServerPatch(host: "evil.test"),
                        .smtp: ServerPatch(
                            credentials: CredentialsPatch(
                                username: "u", authentication: .password(Secret("p")))),
                    ]),
            ] {
                for verify in [true, false] {
                    let error = await #expect(throws: AccountError.self) {
                        _ = try await fixture.service.update(
                            Self.a, with: patch, ifRevision: nil, verify: verify, deadline: .soon)
                    }
                    #expect(pointers(error).allSatisfy { $0.hasSuffix("/host") } && pointers(error).count == 1)
                }
            }
            #expect(fixture.probed.withLock { $0.isEmpty })
            #expect(try await fixture.service.account(Self.a) == before)
            // Among hosts that have it, and with it named again, the servers may change.
            _ = try await fixture.service.update(
                Self.a,
                with: AccountPatch(servers: [
                    .imap: ServerPatch(host: "SMTP.example.org"), .smtp: ServerPatch(port: 465),
                ]),
                ifRevision: nil, verify: false, deadline: .soon)
        }
    }

    @Test func `a host that came in with another secret is not shown the old one later`() async throws {
        try await AccountFixture.with { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            func update(_ patch: AccountPatch) async throws -> Account {
                try await fixture.service.update(
                    Self.a, with: patch, ifRevision: nil, verify: false, deadline: .soon)
            }
            let own = CredentialsPatch(username: "x", authentication: .password(Secret("x")))
            _ = try await update(
                AccountPatch(servers: [.imap: ServerPatch(host: "evil.test", credentials: .some(own))]))
            for (patch, pointer) in [
                (AccountPatch(servers: [.imap: ServerPatch(credentials: .some(nil))]), "/imap/credentials"),
                (AccountPatch(servers: [.smtp: ServerPatch(host: "evil.test")]), "/smtp/host"),
            ] {
                let error = await #expect(throws: AccountError.self) { _ = try await update(patch) }
                #expect(pointers(error) == [pointer])
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a new server by patch gets the usual port, and needs a host`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            var draft = AccountDraft.sample()
            draft.servers[.smtp] = nil
            _ = try await fixture.service.create(draft, verify: false, deadline: .soon)
            let account = try await fixture.service.update(
                Self.a,
                with: AccountPatch(
                    servers: [.smtp: ServerPatch(host: "smtp.example.org")],
                    credentials: CredentialsPatch(authentication: .password(Secret("hunter2")))),
                ifRevision: nil, verify: false, deadline: .soon)
            #expect(
                account.servers[.smtp]?.endpoint
                    == ServerEndpoint(host: "smtp.example.org", port: 465, security: .tls))
            let error = await #expect(throws: AccountError.self) {
                _ = try await fixture.service.update(
                    Self.a, with: AccountPatch(servers: [.pop3: ServerPatch(port: 1)]), ifRevision: nil,
                    verify: false, deadline: .soon)
            }
            #expect(pointers(error) == ["/pop3/host"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a disabled account gives no login until it is enabled`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            _ = try await fixture.service.update(
                Self.a, with: AccountPatch(isDisabled: true), ifRevision: nil, verify: true, deadline: .soon)
            await #expect(throws: AccountError.self) { _ = try await fixture.directory.login(for: Self.a, .imap) }
            await #expect(throws: AccountError.self) {
                _ = try await fixture.service.reconnect(Self.a, deadline: .soon)
            }
            #expect(fixture.probed.withLock { $0.isEmpty })
            let enabled = try await fixture.service.update(
                Self.a, with: AccountPatch(isDisabled: false), ifRevision: nil, verify: true, deadline: .soon)
            #expect(enabled.state == .connected)
            #expect(fixture.probed.withLock { $0.count } == 2)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a deleted account is gone for everybody`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            _ = try await fixture.directory.login(for: Self.a, .imap)
            try await fixture.service.delete(Self.a, ifRevision: nil)
            await #expect(throws: AccountError.self) { _ = try await fixture.directory.login(for: Self.a, .imap) }
            await #expect(throws: AccountError.self) { try await fixture.service.delete(Self.a, ifRevision: nil) }
            #expect(fixture.changes.withLock { $0 } == ["a created", "a deleted"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a list goes on where it ended, and refuses a cursor that is none`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            for id in ["a", "b", "c"] {
                _ = try await fixture.service.create(.sample(id), verify: false, deadline: .soon)
            }
            let first = try await fixture.service.list(limit: 2, cursor: nil, visible: nil)
            let second = try await fixture.service.list(limit: 2, cursor: first.nextCursor, visible: nil)
            #expect((first.data + second.data).map(\.id.rawValue) == ["a", "b", "c"] && second.nextCursor == nil)
            let error = await #expect(throws: AccountError.self) {
                _ = try await fixture.service.list(limit: 2, cursor: "nonsense", visible: nil)
            }
            #expect(pointers(error) == ["/cursor"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `no error or value shows a password`(_ database: DatabaseFixture) async throws {
        try await AccountFixture.with(database) { fixture in
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let login = try await fixture.directory.login(for: Self.a, .smtp)
            let opened = try await fixture.store.accounts.opened(Self.a)
            var dumped = ""
            dump(login, to: &dumped)
            dump(opened, to: &dumped)
            dump(fixture.directory, to: &dumped)
            #expect(!"\(login) \(String(describing: opened)) \(dumped)".contains("hunter2"))
        }
    }
}
