import MailServers
import Model
import Store
import Testing

/// What another client does to a mailbox is told exactly, while we watch and after we did not.
@Suite(.timeLimit(.minutes(5)), .serialized) struct SyncTests {
    @Test(arguments: SyncServer.allCases)
    func `what an account brings along is indexed and not announced`(server: SyncServer) async throws {
        let user = try await server.newUser()
        try await server.seed(user, subjects: (1...20).map { "old \($0)" })
        try await server.seed(user, mailbox: "Work", subjects: ["filed"])
        let account = try await SyncedAccount.start(server, user: user)
        #expect(try await account.events().isEmpty)
        #expect(try await account.store.sync.knownUIDs(in: account.mailbox("INBOX").number).count == 20)
        #expect(try await account.store.sync.knownUIDs(in: account.mailbox("Work").number).count == 1)
        try await account.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `what came between the account and our first look is announced, each once`(server: SyncServer) async throws {
        let user = try await server.newUser()
        // Seeds are years old.
        try await server.seed(user, subjects: ["old"])
        for subject in ["early 1", "early 2", "early 3"] { try await server.deliver(user, subject) }
        let account = try await SyncedAccount.start(server, user: user, age: .seconds(60))
        let seen = try await account.events(3)
        #expect(seen.map(\.type) == [.messageCreated, .messageCreated, .messageCreated])
        #expect(Set(seen.map { $0["subject"] }) == ["early 1", "early 2", "early 3"])
        try await account.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `a message that arrives is announced once, with what it is`(server: SyncServer) async throws {
        let account = try await SyncedAccount.start(server)
        try await server.deliver(account.user, "first")
        let seen = try await account.events(1)
        #expect(seen.map(\.type) == [.messageCreated])
        #expect(seen.first?["subject"] == "first")
        #expect(seen.first?.list("mailboxIds") == [try await account.mailbox("INBOX").id.rawValue])
        #expect(seen.first?["messageId"] == "first@outside.test")
        #expect(seen.first?["threadId"] != nil)
        try await account.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `flags, moves, copies and deletions are told as what they are`(server: SyncServer) async throws {
        let account = try await SyncedAccount.start(server)
        for subject in ["one", "two", "three"] { try await server.deliver(account.user, subject) }
        let created = try await account.events(3)
        let ids = Dictionary(created.map { ($0["subject"] ?? "", $0["id"] ?? "") }, uniquingKeysWith: { $1 })
        try await server.run(account.user, "CREATE $Box", "SELECT INBOX", #"UID STORE 1:* +FLAGS (\Flagged)"#)
        account.poke()
        var place = try await account.newest
        try await eventually("three flags and a mailbox") { try await account.events().count >= 7 }
        let flagged = try await account.events().dropFirst(3)
        #expect(Set(flagged.filter { $0.type == .messageUpdated }.map { $0["id"] }) == Set(ids.values))
        #expect(flagged.filter { $0.type == .messageUpdated }.allSatisfy { $0.list("changed") == ["keywords"] })
        #expect(flagged.filter { $0.type == .mailboxCreated }.map { $0["path"] } == [server.path("Box")])

        place = try await account.newest
        try await server.run(account.user, "SELECT INBOX", "UID MOVE 1 $Box")
        let moved = try await account.events(1, after: place)
        #expect(moved.map(\.type) == [.messageMoved])
        #expect(moved.first?["id"] == ids["one"])
        #expect(moved.first?.list("mailboxIds") == [try await account.mailbox("Box").id.rawValue])
        #expect(moved.first?.list("previousMailboxIds") == [try await account.mailbox("INBOX").id.rawValue])

        place = try await account.newest
        try await server.run(account.user, "SELECT INBOX", "UID COPY 2 $Box")
        account.poke()
        let copied = try await account.events(1, after: place)
        #expect(copied.map(\.type) == [.messageUpdated])
        #expect(copied.first?["id"] == ids["two"])
        #expect(copied.first?.list("mailboxIds").count == 2)

        place = try await account.newest
        try await server.run(account.user, "SELECT INBOX", #"UID STORE 3 +FLAGS (\Deleted)"#, "UID EXPUNGE 3")
        let deleted = try await account.events(1, after: place)
        #expect(deleted.map(\.type) == [.messageDeleted])
        #expect(deleted.first?["id"] == ids["three"])
        try await account.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `what happened while nobody looked is told at the next start`(server: SyncServer) async throws {
        let first = try await SyncedAccount.start(server)
        for subject in ["one", "two", "three", "four"] { try await server.deliver(first.user, subject) }
        let created = try await first.events(4)
        let ids = Dictionary(created.map { ($0["subject"] ?? "", $0["id"] ?? "") }, uniquingKeysWith: { $1 })
        let place = try await first.newest
        try await first.stop()
        try await server.run(
            first.user, "CREATE $Box", "SELECT INBOX", "UID MOVE 1 $Box", #"UID STORE 2 +FLAGS (\Seen)"#,
            #"UID STORE 3 +FLAGS (\Deleted)"#, "UID EXPUNGE 3")
        try await server.deliver(first.user, "five")
        let again = try await first.restarted()
        let seen = try await again.events(5, after: place)
        #expect(seen.filter { $0.type == .messageMoved }.map { $0["id"] } == [ids["one"]])
        #expect(seen.filter { $0.type == .messageUpdated }.map { $0["id"] } == [ids["two"]])
        #expect(seen.filter { $0.type == .messageDeleted }.map { $0["id"] } == [ids["three"]])
        #expect(seen.filter { $0.type == .messageCreated }.map { $0["subject"] } == ["five"])
        #expect(seen.filter { $0.type == .mailboxCreated }.map { $0["path"] } == [server.path("Box")])
        #expect(seen.count == 5)
        try await again.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `a mailbox made again with the same mail announces only what is new`(server: SyncServer) async throws {
        let user = try await server.newUser()
        try await server.seed(user, mailbox: "Work", subjects: (1...5).map { "filed \($0)" })
        let account = try await SyncedAccount.start(server, user: user)
        let before = try await account.ids(in: "Work")
        try await account.stop()
        try await server.run(user, "DELETE $Work")
        try await server.seed(user, mailbox: "Work", subjects: ["another"] + (2...5).map { "filed \($0)" })
        let again = try await account.restarted()
        try await eventually("the reset is over") { try await again.events().contains { $0.type == .messageDeleted } }
        let seen = try await again.events()
        #expect(seen.filter { $0.type == .messageCreated }.map { $0["subject"] } == ["another"])
        #expect(seen.filter { $0.type == .messageDeleted }.count == 1)
        let after = try await again.ids(in: "Work")
        if server != .cyrus {
            #expect(after.intersection(before).count == 4)
            #expect(seen.contains { $0.type == .mailboxReset })
        }
        try await again.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `a renamed mailbox keeps its id, and its messages theirs`(server: SyncServer) async throws {
        let user = try await server.newUser()
        try await server.seed(user, mailbox: "Work", subjects: ["a", "b"])
        let account = try await SyncedAccount.start(server, user: user)
        let (mailbox, ids) = (try await account.mailbox("Work").id, try await account.ids(in: "Work"))
        try await server.run(user, "RENAME $Work $Job")
        account.poke()
        let seen = try await account.events(1)
        #expect(seen.map(\.type) == [.mailboxUpdated])
        #expect(try await account.mailbox("Job").id == mailbox)
        #expect(try await account.ids(in: "Job") == ids)
        try await account.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `a database that was lost comes back with the same ids`(server: SyncServer) async throws {
        let user = try await server.newUser()
        try await server.seed(user, subjects: (1...30).map { "m \($0)" } + ["twin", "twin"])
        try await server.seed(user, mailbox: "Work", subjects: ["w 1", "w 2"])
        let first = try await SyncedAccount.start(server, user: user)
        let (inbox, work) = (try await first.ids(in: "INBOX"), try await first.ids(in: "Work"))
        #expect(inbox.count == 32)
        try await first.stop()
        let second = try await SyncedAccount.start(server, user: user)
        #expect(try await second.ids(in: "INBOX") == inbox)
        #expect(try await second.ids(in: "Work") == work)
        try await second.stop()
    }

    @Test(arguments: SyncServer.allCases)
    func `answers join their conversation, whatever comes first`(server: SyncServer) async throws {
        let account = try await SyncedAccount.start(server)
        try await server.deliver(account.user, "Re: plan", headers: "In-Reply-To: <plan@outside.test>\r\n")
        try await server.deliver(account.user, "plan")
        try await server.deliver(
            account.user, "Re: Re: plan", headers: "References: <gone@outside.test> <Replan@outside.test>\r\n")
        let seen = try await account.events(3)
        #expect(Set(seen.map { $0["threadId"] }).count == 1)
        try await account.stop()
    }
}

extension SyncedAccount {
    /// The ids of the messages that the index knows in a mailbox.
    func ids(in name: String) async throws -> Set<EmailID> {
        let record = try await mailbox(name)
        let threads = try await store.index.threads(
            in: record.id, uidValidity: record.cursor.uidValidity, of: id, limit: 1000)
        let seen = threads.map { entry in
            SeenMessage(
                uid: entry.uid,
                identity: MessageIdentity(
                    email: EmailID(rawValue: ""), thread: .assigned(entry.thread)),
                keywords: [], receivedAt: Timestamp(milliseconds: 0), size: 0)
        }
        return Set(
            try await store.index.adopt(seen, in: record.id, uidValidity: record.cursor.uidValidity, of: id).values
                .map(\.email))
    }
}
