import Foundation
import MailServers
import Model
import RemoteMail
import Store
import Testing

/// Lists whose order comes from the index, in a mailbox that goes on without it.
@Suite(.timeLimit(.minutes(5)), .serialized) struct ArrivalOrderTests {
    private static func message(_ subject: String, minutes: Double) -> SeedMessage {
        SeedMessage(
            SyncServer.message(subject), receivedAt: Date(timeIntervalSince1970: 1_700_000_000 + minutes * 60))
    }

    /// The subjects of a whole list, page by page.
    private func list(
        _ account: SyncedAccount, _ mail: MailService, _ sort: MessageSort, by limit: Int,
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [String] {
        var query = MessageQuery()
        query.mailbox = .role(.inbox)
        query.sort = sort
        var (subjects, cursor, pages): ([String], String?, Int) = ([], nil, 0)
        repeat {
            let page = try await mail.messages(
                of: account.id, matching: query, limit: limit, cursor: cursor, deadline: .now + .seconds(30))
            #expect(page.data.count == limit || page.nextCursor == nil)
            subjects += page.data.map { $0.subject ?? "" }
            cursor = page.nextCursor
            pages += 1
            try await between(pages)
        } while cursor != nil
        return subjects
    }

    @Test(arguments: SyncServer.allCases)
    func `what came and went since the index was written is in its place, or gone`(server: SyncServer) async throws {
        let user = try await server.newUser()
        // The first by UID arrived last.
        try await server.seed(user, (10..<30).map { Self.message("m\($0)", minutes: Double(-$0)) })
        let account = try await SyncedAccount.start(server, user: user)
        let inbox = try await account.mailbox("INBOX")
        let known = try await account.store.index.arrivals(
            in: inbox.id, uidValidity: inbox.cursor.uidValidity, of: account.id, at: nil, descends: true,
            tiesDescend: true, limit: 50)
        #expect(known?.entries.map(\.uid) == Array(1...20))
        await account.pause()
        try await server.append(
            user,
            [
                Self.message("late1", minutes: 0), Self.message("late2", minutes: -19.5),
                Self.message("late3", minutes: -99),
            ])
        try await server.run(user, "SELECT INBOX", #"UID STORE 3:4,12 +FLAGS (\Deleted)"#, "UID EXPUNGE 3:4,12")
        let order =
            ["late1"] + [10, 11, 14, 15, 16, 17, 18, 19].map { "m\($0)" } + ["late2"]
            + [20, 22, 23, 24, 25, 26, 27, 28, 29].map { "m\($0)" } + ["late3"]
        for limit in [1, 3, 7, 50] {
            let newest = try await list(account, account.mail, .newest, by: limit)
            #expect(newest == order, "\(limit)")
            #expect(try await list(account, account.mail, .oldest, by: limit) == order.reversed(), "\(limit)")
        }
        // While somebody reads on, the next message goes and mail comes before and behind.
        let read = try await list(account, account.mail, .newest, by: 5) { page in
            guard page == 1 else { return }
            try await server.run(user, "SELECT INBOX", #"UID STORE 8 +FLAGS (\Deleted)"#, "UID EXPUNGE 8")
            try await server.append(
                user, [Self.message("more1", minutes: 5), Self.message("more2", minutes: -25.5)])
        }
        var expected = order.filter { $0 != "m17" }
        expected.insert("more2", at: expected.firstIndex(of: "m26") ?? 0)
        #expect(read == expected)
        try await account.stop()
    }
}
