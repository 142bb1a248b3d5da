import MailServers
import Model
import RemoteMail
import Testing

/// A mailbox that a session kept selected: what the next list costs, and that it is not of before.
@Suite(.timeLimit(.minutes(1))) struct FreshnessTests {
    private typealias Rule = ScriptedServer.Rule

    private static let fetched =
        (1...3).map { number in
            """
            * \(number) FETCH (UID \(number + 10) FLAGS () INTERNALDATE "01-Jan-2025 00:00:0\(number) +0000" RFC822.SIZE 3 \
            ENVELOPE (NIL "\(number)" NIL NIL NIL NIL NIL NIL NIL NIL) \
            BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1))\r\n
            """
        }.joined() + "%TAG% OK done\r\n"

    /// What the second of two lists says to the server.
    private func second(_ rules: [Rule], capabilities: String = "") async throws -> [String] {
        let mailbox = try await ScriptedMailbox(messages: 3, capabilities: capabilities, rules)
        _ = try await mailbox.list()
        let before = mailbox.server.received.count
        #expect(try await mailbox.list().data.map(\.subject) == ["3", "2", "1"])
        let lines = mailbox.server.received.dropFirst(before).map { line in
            line.split(separator: " ").dropFirst().prefix(2).joined(separator: " ")
        }
        await mailbox.close()
        return lines
    }

    @Test func `costs one round trip without news`() async throws {
        #expect(try await second([Rule("FETCH", answer: Self.fetched)]) == ["FETCH 1:*", "NOOP"])
    }

    @Test func `is asked for again with news`() async throws {
        let rules = [
            Rule("FETCH", answer: Self.fetched), Rule("NOOP", answer: "* 3 EXISTS\r\n%TAG% OK done\r\n"),
        ]
        #expect(try await second(rules) == ["FETCH 1:*", "NOOP", "FETCH 1:*"])
    }

    /// In the order of the index: the flags alone are asked for where the page is known, and all again where a size differs.
    @Test func `a page that is known costs its flags`() async throws {
        func flags(size: Int) -> String {
            (1...3).map { "* \($0) FETCH (UID \($0 + 10) FLAGS (\\Seen) RFC822.SIZE \(size))\r\n" }.joined()
                + "%TAG% OK done\r\n"
        }
        let mailbox = try await ScriptedMailbox(
            messages: 3, capabilities: "SORT",
            [
                Rule("UID SORT", answer: "* SORT 11 12 13\r\n%TAG% OK done\r\n"),
                Rule("UID SEARCH", answer: "* SEARCH 13\r\n%TAG% OK done\r\n"),
                Rule("ENVELOPE", "UID FETCH", answer: Self.fetched), Rule("UID FETCH", answer: flags(size: 3)),
            ])
        func list() async throws -> (keywords: [[String]], asked: [String]) {
            let before = mailbox.server.received.count
            let messages = try await mailbox.list().data
            #expect(messages.map(\.subject) == ["3", "2", "1"])
            return (messages.map(\.keywords), mailbox.server.received.dropFirst(before).filter { $0.contains("FETCH") })
        }
        _ = try await list()
        try await mailbox.isRead(upTo: 14)
        let first = try await list()
        #expect(first.keywords == [[], [], []] && first.asked.count == 1 && first.asked[0].contains("ENVELOPE"))
        let second = try await list()
        #expect(second.keywords == [["$seen"], ["$seen"], ["$seen"]])
        #expect(second.asked.count == 1 && second.asked[0].contains("UID FETCH 11:13 (UID FLAGS RFC822.SIZE)"))
        mailbox.server.answer("UID FETCH", with: flags(size: 4))
        let third = try await list()
        #expect(third.keywords == [[], [], []] && third.asked.count == 2)
        mailbox.service.forget(mailbox.account)
        #expect(try await list().asked.allSatisfy { $0.contains("ENVELOPE") })
        await mailbox.close()
    }

    @Test func `is sorted again with news`() async throws {
        let sort = Rule("UID SORT", answer: "* SORT 11 12 13\r\n%TAG% OK done\r\n")
        let quiet = try await second([sort, Rule("FETCH", answer: Self.fetched)], capabilities: "SORT")
        #expect(quiet == ["UID SORT", "NOOP", "UID FETCH"])
        let news = Rule("NOOP", answer: "* 2 FETCH (FLAGS (\\Seen))\r\n%TAG% OK done\r\n")
        let busy = try await second([sort, news, Rule("UID FETCH", answer: Self.fetched)], capabilities: "SORT")
        #expect(busy == ["UID SORT", "NOOP", "UID SORT", "UID FETCH"])
    }
}
