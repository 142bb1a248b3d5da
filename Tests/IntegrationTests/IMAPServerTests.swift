import Foundation
import Glibc
import IMAP
import MailClient
import MailServers
import Model
import Synchronization
import Testing
import Transport
import Wire

/// Our IMAP against a real Dovecot.
@Suite(.timeLimit(.minutes(5))) struct IMAPServerTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private var loops: EventLoopGroup { get throws { try Self.loops.get() } }
    private let deadline = Deadline.after(.seconds(90))

    private func login(
        _ host: MailHost, _ user: MailUser, _ security: ConnectionSecurity = .tls, password: String? = nil
    ) -> ServerLogin {
        let port = security == .tls ? host.dovecot.ports.imaps : host.dovecot.ports.imap
        return ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: port, security: security,
                tls: TLSSettings(caCertificates: host.authority.certificatePEM)),
            credentials: Credentials(
                username: user.email, authentication: .password(Secret(password ?? user.password))))
    }

    private func connect(
        _ host: MailHost, _ user: MailUser, _ security: ConnectionSecurity = .tls
    ) async throws -> IMAPConnection {
        try await IMAPConnection.connect(to: login(host, user, security), on: loops.next(), deadline: deadline)
    }

    private func message(_ number: Int, body: String = "body") -> [UInt8] {
        Array(
            """
            From: "Alice" <alice@example.test>\r
            To: bob@example.test\r
            Subject: message \(number)\r
            Date: Mon, 23 Nov 2026 19:00:00 +0000\r
            Message-ID: <\(number)@example.test>\r
            \r
            \(body)\r

            """.utf8)
    }

    @Test(arguments: [ConnectionSecurity.tls, .starttls, .none])
    func `logs in, lists and says goodbye`(security: ConnectionSecurity) async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let connection = try await connect(host, user, security)
        #expect(await connection.serverID["name"] == "Dovecot")
        #expect(await (connection.tls == nil) == (security == .none))
        let mailboxes = try await connection.execute(ListCommand(status: StatusItem.counts), deadline: deadline)
        #expect(mailboxes.contains { $0.name == .inbox && $0.status?.messages == 0 })
        #expect(mailboxes.contains { $0.attributes.contains(.sent) })
        await connection.logout(deadline: deadline)
        #expect(await !connection.isHealthy)
    }

    @Test func `a wrong password and a wrong certificate are told apart`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        for security in [ConnectionSecurity.tls, .starttls] {
            var wrong = login(host, user, security, password: "nonsense")
            guard case .authenticationFailed(.imap, let text) = try await refusal(wrong) else {
                Issue.record("logged in")
                continue
            }
            #expect(!text.isEmpty)
            wrong = login(host, user, security)
            wrong.endpoint.tls.caCertificates = nil
            guard case .connect(.imap, .tls(.certificate)) = try await refusal(wrong) else {
                Issue.record("trusted")
                continue
            }
        }
    }

    private func refusal(_ login: ServerLogin) async throws -> MailClientError? {
        let loop = try loops.next()
        do throws(MailClientError) {
            _ = try await IMAPConnection.verify(login, on: loop, deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a message's life: append, search, flag, copy, move, expunge`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let connection = try await connect(host, user)
        let folder = MailboxName("Gr\u{FC}\u{DF}e & \u{65E5}\u{672C}")
        try await connection.execute(CreateCommand(folder), deadline: deadline)
        let raw = message(1, body: "Gr\u{FC}\u{DF}e\r\n.\r\n")
        let appended = try await connection.execute(
            AppendCommand(
                to: folder, flags: [.seen, .keyword("$Forwarded")], internalDate: 1_700_000_000_000, message: raw),
            deadline: deadline)
        let uid = try #require(appended.uid)
        let selected = try await connection.select(folder, deadline: deadline)
        #expect(selected.exists == 1 && selected.uidValidity == appended.uidValidity)
        let found = try await connection.execute(
            SearchCommand(
                .and([.body("Gr\u{FC}\u{DF}e"), .flag(.seen), .header(name: "Message-ID", value: "<1@example.test>")])),
            deadline: deadline)
        #expect(found.all == UIDSet(uid))
        try await connection.execute(
            StoreCommand(.uids(UIDSet(uid)), .add, [.flagged, .keyword("$Label")]), deadline: deadline)
        try await connection.execute(StoreCommand(.uids(UIDSet(uid)), .remove, [.seen]), deadline: deadline)
        let fetched = try await connection.execute(
            FetchCommand(.uids(UIDSet(uid)), items: FetchItem.summary + [.body(.message)]), deadline: deadline)
        let first = try #require(fetched.first)
        #expect(
            Set(first.flags ?? []).subtracting([.recent]) == [.flagged, .keyword("$Forwarded"), .keyword("$Label")])
        #expect(first.internalDate == 1_700_000_000_000)
        #expect(first.size == UInt64(raw.count))
        #expect(first.sections.first?.bytes == raw)
        #expect(first.envelope?.subject == "message 1")
        let copied = try await connection.execute(
            CopyCommand(.uids(UIDSet(uid)), to: .inbox), deadline: deadline)
        #expect(copied?.pairs()?.first?.source == uid)
        let moved = try await connection.execute(
            MoveCommand(.uids(UIDSet(uid)), to: .inbox), deadline: deadline)
        let target = try #require(moved?.pairs()?.first?.destination)
        #expect(await connection.selected?.exists == 0)
        try await connection.select(.inbox, deadline: deadline)
        try await connection.execute(StoreCommand(.uids(.all), .add, [.deleted]), deadline: deadline)
        try await connection.execute(ExpungeCommand(uids: UIDSet(target)), deadline: deadline)
        #expect(await connection.selected?.exists == 1)
        let none = await connection.outcome(SelectCommand(MailboxName("nosuch")), deadline)
        guard case .failure(.rejected(.imap, _, _)) = none else {
            Issue.record("\(none)")
            return
        }
        #expect(await connection.isReusable)
        await connection.logout(deadline: deadline)
    }

    @Test func `an attachment of 25 MB passes through in constant memory, also under TLS`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let size = 25 << 20
        let line = Array(String(repeating: "0123456789ABCDEF", count: 4).utf8.dropLast(2)) + [13, 10]
        let head = message(1, body: "x")
        try await host.dovecot.seed(user, count: 1) { _ in
            var raw = head
            raw.reserveCapacity(size + 1_000)
            while raw.count < size { raw += line }
            return SeedMessage(raw)
        }
        let connection = try await connect(host, user)
        try await connection.select(.inbox, readOnly: true, deadline: deadline)
        // That the process does not grow is shown by EndToEndTests, where it is a process of its own; here, that no piece is big.
        let seen = Mutex((octets: 0, largest: 0))
        let count = try await connection.fetchSection(.message, of: 1, deadline: deadline) { chunk in
            seen.withLock {
                $0.octets += chunk.count
                $0.largest = max($0.largest, chunk.count)
            }
        }
        let (octets, largest) = seen.withLock { $0 }
        #expect(count == octets && octets >= size)
        #expect(largest <= 1 << 20)
        let range = Mutex<[UInt8]>([])
        _ = try await connection.fetchSection(.message, of: 1, partial: 10..<20, deadline: deadline) { chunk in
            range.withLock { $0 += chunk }
        }
        #expect(range.withLock { $0 } == Array(head[10..<20]))
        await connection.logout(deadline: deadline)
    }

    @Test func `a mailbox of thousands is read as it comes`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let messages = (1...5_000).map { message($0) }
        try await host.dovecot.seed(user, count: messages.count) { SeedMessage(messages[$0]) }
        let connection = try await connect(host, user, .none)
        try await connection.select(.inbox, readOnly: true, deadline: deadline)
        let seen = Mutex((uids: [UInt32](), problems: 0))
        try await connection.fetch(FetchCommand(.uids(.all), items: FetchItem.summary), deadline: deadline) { batch in
            seen.withLock { seen in
                for message in batch {
                    seen.uids.append(message.uid ?? 0)
                    let isWhole =
                        message.envelope?.subject == "message \(message.sequence)" && message.bodyStructure != nil
                    if !isWhole || !message.problems.isEmpty { seen.problems += 1 }
                }
            }
        }
        let (uids, problems) = seen.withLock { $0 }
        #expect(uids == Array(1...5_000))
        #expect(problems == 0)
        await connection.logout(deadline: deadline)
    }

    @Test func `a pool serves downloads and lists side by side`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let messages = (1...50).map { message($0) }
        try await host.dovecot.seed(user, count: messages.count) { SeedMessage(messages[$0]) }
        let pool = IMAPPool(login(host, user), loops: try loops)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<30 {
                group.addTask { [deadline] in
                    try await pool.withSession(mailbox: .inbox, readOnly: true, isRepeatable: true, deadline: deadline)
                    {
                        session in
                        if index % 3 == 0 {
                            return try await session.fetchSection(.message, of: 7, deadline: deadline) { _ in } ?? 0
                        }
                        return try await session.execute(
                            FetchCommand(.uids(.all), items: FetchItem.summary), deadline: deadline
                        ).count
                    }
                }
            }
            for try await count in group { #expect(count == 50 || count == messages[6].count) }
        }
        #expect(pool.snapshot.lent == 0 && pool.snapshot.waiting == 0)
        #expect(pool.snapshot.idle <= 3)
        pool.closeAll()
    }

    @Test func `hears of new mail by IDLE`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let connection = try await connect(host, user)
        try await connection.select(.inbox, deadline: deadline)
        let isIdling = Task { [deadline] in
            try await connection.idle(deadline: deadline) { response in
                if case .exists(1) = response { .leave } else { .stay }
            }
        }
        try await host.dovecot.deliver(user, message(1))
        try await isIdling.value
        #expect(await connection.selected?.exists == 1)
        #expect(!deadline.hasPassed)
        await connection.logout(deadline: deadline)
    }

    @Test func `compresses both ways, and says what that costs`() async throws {
        var options = DovecotServer.Options()
        options.configuration = "protocol imap {\n  mail_plugins = $mail_plugins imap_zlib\n}"
        let user = MailUser("zoe@example.test")
        let host = try await MailHost.start(users: [user], dovecot: options)
        let raw = message(1, body: String(repeating: "The same line again.\r\n", count: 50_000))
        try await host.dovecot.seed(user, count: 1) { _ in SeedMessage(raw) }
        let loop = try loops.next()
        let connection = try await IMAPConnection.connect(
            to: login(host, user), on: loop, compresses: true, deadline: deadline)
        #expect(await connection.isCompressed)
        try await connection.select(.inbox, deadline: deadline)
        let count = Mutex<[UInt8]>([])
        _ = try await connection.fetchSection(.message, of: 1, deadline: deadline) { chunk in
            count.withLock { $0 += chunk }
        }
        let isWhole = count.withLock { $0 == raw }
        #expect(isWhole)
        let appended = try await connection.execute(AppendCommand(to: .inbox, message: raw), deadline: deadline)
        #expect(appended.uid != nil)
        await connection.logout(deadline: deadline)
    }

    @Test func `tells what is used of a quota, what vanished, and stores several at once`() async throws {
        var options = DovecotServer.Options()
        options.configuration = """
            mail_plugins = quota acl
            protocol imap {
              mail_plugins = quota imap_quota acl imap_acl
            }
            plugin {
              quota = maildir:User quota
              quota_rule = *:storage=1G
              acl = vfile
            }
            """
        let user = MailUser("quentin@example.test")
        let host = try await MailHost.start(users: [user], dovecot: options)
        let connection = try await connect(host, user)
        let many = try await connection.execute(
            MultiAppendCommand(to: .inbox, (1...3).map { .init(octets: message($0)) }), deadline: deadline)
        #expect(many.uids.count == 3)
        let quotas = try await connection.execute(GetQuotaRootCommand(.inbox), deadline: deadline)
        #expect(quotas.first?.storage?.limit == 1 << 30)
        let rights = try #require(try await connection.execute(MyRightsCommand(.inbox), deadline: deadline))
        #expect(rights.mayRead && rights.mayInsert && rights.mayDeleteMessages)
        #expect(try await connection.execute(EnableCommand([.qresync]), deadline: deadline).contains(.qresync))
        let selected = try await connection.select(.inbox, deadline: deadline)
        let known = try #require(selected.highestModificationSequence)
        let gone = try #require(many.uids.first)
        try await connection.execute(StoreCommand(.uids(UIDSet(gone)), .add, [.deleted]), deadline: deadline)
        try await connection.execute(ExpungeCommand(uids: UIDSet(gone)), deadline: deadline)
        #expect(await connection.selected?.exists == 2)
        let changes = try await connection.execute(
            FetchChangesCommand(since: known, wantsVanished: true), deadline: deadline)
        #expect(changes.vanished == UIDSet(gone))
        try await connection.execute(UnselectCommand(), deadline: deadline)
        let resync = try await connection.execute(
            ResyncCommand(.inbox, uidValidity: selected.uidValidity ?? 0, since: known), deadline: deadline)
        #expect(resync.vanished == UIDSet(gone) && resync.mailbox.exists == 2)
        try await connection.execute(
            NotifyCommand([.init(.selected, [.messageNew(fetching: [.uid]), .messageExpunge])]), deadline: deadline)
        await connection.logout(deadline: deadline)
    }

    @Test func `news of a mailbox reach a kept session`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let pool = IMAPPool(login(host, user), loops: try loops)
        let search = { [deadline] in
            try await pool.withSession(mailbox: .inbox, deadline: deadline) { session in
                try await session.execute(SearchCommand(.all), deadline: deadline).all?.count
            }
        }
        #expect(try await search() == 0)
        try await host.dovecot.deliver(user, message(1))
        #expect(try await search() == 1)
        pool.closeAll()
    }
}

extension IMAPConnection {
    fileprivate func outcome<Command: IMAPCommand>(
        _ command: Command, _ deadline: Deadline
    ) async -> Result<Command.Result, MailClientError> {
        do throws(MailClientError) {
            return .success(try await execute(command, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }
}
