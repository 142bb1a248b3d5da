import MailServers
import Model
import RemoteMail
import Testing

/// Batches over what a filter finds.
@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    private typealias Rule = ScriptedServer.Rule

    private func batch(
        _ mailbox: ScriptedMailbox, limit: Int, cursor: String? = nil, _ change: (inout MessageQuery) -> Void = { _ in }
    ) async throws -> BatchPage {
        var query = MessageQuery(mailbox: .role(.inbox))
        change(&query)
        return try await mailbox.service.batch(
            matching: query, BatchAction(keywords: ["$flagged": true], transfer: .delete(permanently: false)),
            of: mailbox.account, limit: limit, cursor: cursor, deadline: mailbox.deadline)
    }

    @Test func `does it in ranges, and says where it goes on`() async throws {
        let mailbox = try await ScriptedMailbox(
            messages: 20,
            [
                Rule("SEARCH", "UID 16:*", answer: "* ESEARCH (TAG \"%TAG%\") UID ALL 16:20\r\n%TAG% OK done\r\n"),
                Rule("SEARCH", answer: "* ESEARCH (TAG \"%TAG%\") UID ALL 11:20\r\n%TAG% OK done\r\n"),
                Rule("MOVE 11:15", answer: "* OK [COPYUID 3 11:15 101:105] moved\r\n%TAG% OK done\r\n"),
            ])
        for uid in UInt32(11)...20 { _ = try await mailbox.id(uid: uid) }
        let first = try await batch(mailbox, limit: 5)
        #expect(first.outcomes.count == 5 && first.outcomes.allSatisfy { $0.error == nil && $0.newID != nil })
        let cursor = try #require(first.nextCursor)
        let second = try await batch(mailbox, limit: 100, cursor: cursor)
        #expect(second.outcomes.count == 5 && second.nextCursor == nil)
        #expect(second.outcomes.first?.id.rawValue == "m16")
        let commands = mailbox.server.received.compactMap { line in
            ["UID STORE", "UID MOVE"].contains { line.contains($0) }
                ? line.split(separator: " ")[1...3].joined(separator: " ") : nil
        }
        #expect(commands == ["UID STORE 11:15", "UID MOVE 11:15", "UID STORE 16:20", "UID MOVE 16:20"])
        await mailbox.close()
    }

    @Test func `keeps to the number of messages that the server takes in one command`() async throws {
        let mailbox = try await ScriptedMailbox(
            messages: 5, capabilities: "MESSAGELIMIT=2",
            [Rule("SEARCH", answer: "* ESEARCH (TAG \"%TAG%\") UID ALL 11:15\r\n%TAG% OK done\r\n")])
        let page = try await batch(mailbox, limit: 100)
        #expect(page.outcomes.count == 5)
        #expect(mailbox.server.received.filter { $0.contains("UID MOVE") }.count == 3)
        await mailbox.close()
    }

    @Test func `a piece that fails is told message by message, and the others are done`() async throws {
        let mailbox = try await ScriptedMailbox(
            messages: 4, capabilities: "MESSAGELIMIT=2",
            [
                Rule("SEARCH", answer: "* ESEARCH (TAG \"%TAG%\") UID ALL 11:14\r\n%TAG% OK done\r\n"),
                Rule("MOVE 11:12", answer: "%TAG% NO [OVERQUOTA] full\r\n"),
            ])
        let page = try await batch(mailbox, limit: 100)
        #expect(page.outcomes.map { $0.error == nil } == [false, false, true, true])
        #expect(page.nextCursor == nil)
        await mailbox.close()
    }

    @Test func `what IMAP cannot search is checked here before anything is changed`() async throws {
        func fetched(_ uid: Int, _ hour: Int) -> String {
            "* \(uid - 10) FETCH (UID \(uid) INTERNALDATE \"02-Jan-2025 0\(hour):00:00 +0000\")\r\n"
        }
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Rule("SEARCH", answer: "* ESEARCH (TAG \"%TAG%\") UID ALL 11:13\r\n%TAG% OK done\r\n"),
                Rule("FETCH", answer: fetched(11, 1) + fetched(12, 5) + fetched(13, 3) + "%TAG% OK done\r\n"),
            ])
        for uid in UInt32(11)...13 { _ = try await mailbox.id(uid: uid) }
        let page = try await batch(mailbox, limit: 100) { $0.before = Timestamp(rfc3339: "2025-01-02T04:00:00Z") }
        #expect(page.outcomes.map(\.id.rawValue) == ["m11", "m13"])
        #expect(mailbox.server.received.contains { $0.contains("UID MOVE 11,13 ") })
        await mailbox.close()
    }
}
