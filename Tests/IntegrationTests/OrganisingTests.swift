import Database
import IMAP
import MailClient
import MailServers
import Model
import RemoteMail
import Store
import Testing
import Transport
import Wire

/// The verbs that change mailboxes and many messages, against a real Dovecot.
@Suite(.timeLimit(.minutes(5))) struct OrganisingTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private let folder: TemporaryFolder
    private let account = AccountID(rawValue: "acc_1")
    private var deadline: ContinuousClock.Instant { .now + .seconds(60) }

    init() throws { folder = try TemporaryFolder("organising", inMemory: true) }

    private func mail(_ host: MailHost, _ user: MailUser) async throws -> MailService {
        let login = ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: host.dovecot.ports.imaps, security: .tls,
                tls: TLSSettings(caCertificates: host.authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: .password(Secret(user.password))))
        let store = try await MailStore.open(
            SQLiteDatabase(path: folder("\(user.email).db")),
            masterKey: MasterKey(octets: Array(repeating: 7, count: 32)))
        let now = Timestamp.now()
        _ = try await store.accounts.insert(
            Account(
                id: account, name: nil, email: user.email, servers: [:], username: nil, state: .connected,
                lastError: nil, createdAt: now, updatedAt: now, revision: 1),
            credentials: AccountCredentials(shared: nil))
        return MailService(
            sessions: AccountSessions(
                loops: try Self.loops.get(), sessionsPerAccount: 3, dialer: MailDialer(),
                login: { _, _ in AccountLogin(login: login, revision: 1) }, observe: { _, _, _ in }),
            index: store.index)
    }

    private func message(_ subject: String) -> [UInt8] {
        Array(
            "From: alice@outside.test\r\nTo: bob@example.test\r\nSubject: \(subject)\r\nMessage-ID: <\(subject)@outside.test>\r\n\r\nHello.\r\n"
                .utf8)
    }

    private func list(_ mail: MailService, _ mailbox: MailboxRole) async throws -> [Message] {
        try await mail.messages(
            of: account, matching: MessageQuery(mailbox: .role(mailbox)), limit: 500, cursor: nil, deadline: deadline
        ).data
    }

    @Test func `mailboxes are made, moved with what they hold, and deleted`() async throws {
        let host = try await MailHost.shared()
        let mail = try await mail(host, host.newUser())
        let work = try await mail.createMailbox(MailboxDraft(name: "Arbeit & 日本"), of: account, deadline: deadline)
        #expect(work.name == "Arbeit & 日本" && work.parentID == nil && work.isSubscribed)
        let inner = try await mail.createMailbox(
            MailboxDraft(name: "Inner", parent: .id(work.id)), of: account, deadline: deadline)
        #expect(inner.parentID == work.id)
        await #expect(throws: RemoteMailError.mailboxExists(inner.path)) {
            try await mail.createMailbox(
                MailboxDraft(name: "Inner", parent: .id(work.id)), of: account, deadline: deadline)
        }
        await #expect(throws: RemoteMailError.self) {
            try await mail.updateMailbox(
                .id(work.id), with: MailboxPatch(place: .inside(.id(inner.id))), of: account, deadline: deadline)
        }
        let renamed = try await mail.updateMailbox(
            .id(work.id), with: MailboxPatch(name: "Work"), of: account, deadline: deadline)
        #expect(renamed.path == "Work" && renamed.id == work.id && renamed.isSubscribed)
        let all = try await mail.mailboxes(of: account, deadline: deadline)
        let moved = try #require(all.first { $0.name == "Inner" })
        #expect(moved.parentID == renamed.id && moved.isSubscribed)
        let top = try await mail.updateMailbox(
            .id(moved.id), with: MailboxPatch(place: .top, isSubscribed: false), of: account, deadline: deadline)
        #expect(top.path == "Inner" && top.parentID == nil && !top.isSubscribed)
        _ = try await mail.updateMailbox(
            .id(top.id), with: MailboxPatch(place: .inside(.id(renamed.id))), of: account, deadline: deadline)
        await #expect(throws: RemoteMailError.mailboxNotEmpty(renamed.id)) {
            try await mail.deleteMailbox(.id(renamed.id), force: false, of: account, deadline: deadline)
        }
        try await mail.deleteMailbox(.id(renamed.id), force: true, of: account, deadline: deadline)
        let left = try await mail.mailboxes(of: account, deadline: deadline).map(\.path)
        #expect(!left.contains { $0.hasPrefix("Work") || $0.contains("Inner") })
        let inbox = try #require(all.first { $0.role == .inbox })
        await #expect(throws: RemoteMailError.mailboxProtected(inbox.id)) {
            try await mail.deleteMailbox(.role(.inbox), force: true, of: account, deadline: deadline)
        }
        await #expect(throws: RemoteMailError.mailboxProtected(inbox.id)) {
            try await mail.updateMailbox(.role(.inbox), with: MailboxPatch(name: "X"), of: account, deadline: deadline)
        }
    }

    @Test func `a mailbox with a message is deleted only by force`() async throws {
        let host = try await MailHost.shared()
        let mail = try await mail(host, host.newUser())
        let full = try await mail.createMailbox(MailboxDraft(name: "Full"), of: account, deadline: deadline)
        _ = try await mail.importMessage(
            message("one"), into: .id(full.id), keywords: [], receivedAt: nil, of: account, deadline: deadline)
        await #expect(throws: RemoteMailError.mailboxNotEmpty(full.id)) {
            try await mail.deleteMailbox(.id(full.id), force: false, of: account, deadline: deadline)
        }
        try await mail.deleteMailbox(.id(full.id), force: true, of: account, deadline: deadline)
        await #expect(throws: RemoteMailError.mailboxNotFound(full.id.rawValue)) {
            try await mail.mailbox(.id(full.id), of: account, now: deadline)
        }
    }

    @Test func `an imported message is there with its keywords, its date and its octets`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let mail = try await mail(host, user)
        let text = "Subject: Grüße\nMessage-ID: <i@outside.test>\n\nraw 8-bit: ä\n"
        let received = Timestamp(milliseconds: 1_600_000_000_000)
        let stored = try await mail.importMessage(
            Array(text.utf8), into: .role(.archive), keywords: ["$seen", "work"], receivedAt: received, of: account,
            deadline: deadline)
        #expect(stored?.keywords == ["$seen", "work"] && stored?.receivedAt == received)
        #expect(stored?.messageID == "i@outside.test")
        let archive = try await list(mail, .archive)
        #expect(archive.map(\.id) == [stored?.id])
        let octets = try await host.dovecot.storedMessages(user, mailbox: "Archive")
        #expect(octets == [Array(text.replacing("\n", with: "\r\n").utf8)])
        for wrong in [[UInt8]("\r\n\r\nno header".utf8), Array("Subject: x\r\n\r\n\0".utf8)] {
            await #expect(throws: RemoteMailError.self) {
                try await mail.importMessage(
                    wrong, into: .role(.archive), keywords: [], receivedAt: nil, of: account, deadline: deadline)
            }
        }
        #expect(try await list(mail, .archive).count == 1)
    }

    @Test func `a batch changes and moves hundreds in a few commands`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let mail = try await mail(host, user)
        try await host.dovecot.seed(user, (1...300).map { SeedMessage(message("m\($0)")) })
        let all = try await list(mail, .inbox)
        try #require(all.count == 300)
        // Every second one, so that the UIDs make no range, and one that nobody has.
        let ids = all.indices.filter { $0 % 2 == 0 }.map { all[$0].id }
        let nobody = EmailID(rawValue: "nobody")
        let outcomes = try await mail.batch(
            ids + [nobody], BatchAction(keywords: ["$flagged": true], transfer: .move(.role(.archive))), of: account,
            deadline: deadline)
        #expect(outcomes.map(\.id) == ids + [nobody])
        #expect(outcomes.dropLast().allSatisfy { $0.error == nil && $0.newID != nil })
        #expect(outcomes.last?.error as? RemoteMailError == .messageNotFound(nobody))
        let archived = try await list(mail, .archive)
        #expect(Set(archived.map(\.id)) == Set(ids), "messages keep their ids where they go")
        #expect(archived.allSatisfy { $0.keywords.contains("$flagged") })
        #expect(try await list(mail, .inbox).count == 150)
        let gone = try await mail.batch(
            ids, BatchAction(transfer: .delete(permanently: false)), of: account, deadline: deadline)
        #expect(gone.allSatisfy { $0.error == nil })
        #expect(try await list(mail, .trash).count == 150)
        _ = try await mail.batch(
            try await list(mail, .trash).map(\.id), BatchAction(transfer: .delete(permanently: false)), of: account,
            deadline: deadline)
        #expect(try await list(mail, .trash).isEmpty)
    }

    @Test func `without UIDPLUS a batch takes exactly its messages, and leaves another client's mark`() async throws {
        var old = DovecotServer.Options()
        old.configuration = "imap_capability = IMAP4rev1"
        let user = MailUser("old@example.test")
        let host = try await MailHost.start(users: [user], dovecot: old)
        let mail = try await mail(host, user)
        try await host.dovecot.seed(user, ["a", "b", "c", "d"].map { SeedMessage(message($0)) })
        try await host.dovecot.doveadm(
            "flags", "add", "-u", user.email, "\\Deleted", "mailbox", "INBOX", "subject", "d")
        let before = try await list(mail, .inbox)
        let ids = before.filter { $0.subject == "a" || $0.subject == "c" }.map(\.id)
        let gone = try await mail.batch(
            ids, BatchAction(transfer: .delete(permanently: true)), of: account, deadline: deadline)
        #expect(gone.allSatisfy { $0.error == nil })
        #expect(try await list(mail, .inbox).map(\.subject) == ["d", "b"])
        let marked = try await host.dovecot.doveadm(
            "search", "-u", user.email, "mailbox", "INBOX", "DELETED", "subject", "d")
        #expect(!marked.isEmpty)
        // Without UIDPLUS an imported message is found by its Message-ID.
        let stored = try await mail.importMessage(
            message("e"), into: .role(.inbox), keywords: [], receivedAt: nil, of: account, deadline: deadline)
        #expect(stored?.subject == "e")
        let work = try await mail.createMailbox(MailboxDraft(name: "Work"), of: account, deadline: deadline)
        #expect(work.isSubscribed && work.isSelectable)
    }

    @Test func `spam goes to junk with the keyword that filters learn from, and back`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let mail = try await mail(host, user)
        try await host.dovecot.seed(user, [SeedMessage(message("offer"))])
        let id = try #require(try await list(mail, .inbox).first?.id)
        let junk = try #require(try await mail.judgeSpam(id, isSpam: true, of: account, deadline: deadline))
        #expect(junk.keywords == ["$junk"])
        #expect(try await list(mail, .junk).map(\.id) == [junk.id])
        let back = try #require(try await mail.judgeSpam(junk.id, isSpam: false, of: account, deadline: deadline))
        #expect(back.keywords == ["$notjunk"])
        #expect(try await list(mail, .inbox).map(\.id) == [back.id])
        var options = MessageOptions()
        options.marksSeen = true
        let read = try await mail.message(back.id, of: account, options: options, deadline: deadline)
        #expect(read.keywords.contains("$seen"))
        #expect(try await list(mail, .inbox).first?.keywords.contains("$seen") == true)
    }
}
