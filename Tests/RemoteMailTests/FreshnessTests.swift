import MailServers
import Model
import RemoteMail
import Testing

/// A mailbox that a session kept selected: what the next list costs, and that it is not of before.
@Suite(.timeLimit(.minutes(1))) struct FreshnessTests {
    private typealias Rule = ScriptedServer.Rule

    private static let fetched = fetched(1...3)

    private static func fetched(_ numbers: ClosedRange<Int>, padding: Int = 0) -> String {
        numbers.map { number in
            """
            * \(number) FETCH (UID \(number + 10) FLAGS () INTERNALDATE "01-Jan-2025 00:00:0\(number) +0000" RFC822.SIZE 3 \
            ENVELOPE (NIL "\(number)\(String(repeating: "x", count: padding))" NIL NIL NIL NIL NIL NIL NIL NIL) \
            BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1))\r\n
            """
        }.joined() + "%TAG% OK done\r\n"
    }

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
        let mailbox = try await known(
            [Rule("ENVELOPE", "UID FETCH", answer: Self.fetched), Rule("UID FETCH", answer: flags(size: 3))], upTo: 14)
        func list() async throws -> (keywords: [[String]], asked: [String]) {
            let before = mailbox.server.received.count
            let messages = try await mailbox.list().data
            #expect(messages.map(\.subject) == ["3", "2", "1"])
            return (messages.map(\.keywords), mailbox.server.received.dropFirst(before).filter { $0.contains("FETCH") })
        }
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

    private func known(_ rules: [Rule], upTo uidNext: Int64) async throws -> ScriptedMailbox {
        let usual = [
            Rule("UID SORT", answer: "* SORT 11 12 13\r\n%TAG% OK done\r\n"),
            Rule("UID SEARCH", answer: "* SEARCH 13\r\n%TAG% OK done\r\n"),
        ]
        let mailbox = try await ScriptedMailbox(messages: 3, capabilities: "SORT", usual + rules)
        _ = try await mailbox.list()
        try await mailbox.isRead(upTo: uidNext)
        return mailbox
    }

    /// What came since the index was written is read beside the page, and the page once.
    @Test func `what the index lacks is all that is read besides`() async throws {
        let mailbox = try await known(
            [
                Rule("UID FETCH 11:13", answer: Self.fetched),
                Rule("UID FETCH 11:12", answer: Self.fetched(1...2)), Rule("UID FETCH 13", answer: Self.fetched(3...3)),
            ], upTo: 13)
        let before = mailbox.fetches.count
        #expect(try await mailbox.list().data.map(\.subject) == ["3", "2", "1"])
        let asked = mailbox.fetches.dropFirst(before).map { $0.split(separator: " ")[3] }
        #expect(asked == ["11:12", "13", "13"], "the page, the new one's time, and the new one")
        await mailbox.close()
    }

    @Test func `a page that takes too much memory is not kept`() async throws {
        let mailbox = try await known([Rule("FETCH", answer: Self.fetched(1...3, padding: 100_000))], upTo: 14)
        for _ in 0..<2 {
            let before = mailbox.fetches.count
            _ = try await mailbox.list()
            #expect(mailbox.fetches.dropFirst(before).allSatisfy { $0.contains("ENVELOPE") })
        }
        await mailbox.close()
    }

    @Test func `a page without sizes is not kept`() async throws {
        let fetched = Self.fetched.replacing("RFC822.SIZE 3 ", with: "")
        let mailbox = try await known([Rule("FETCH", answer: fetched)], upTo: 14)
        for _ in 0..<2 {
            let before = mailbox.fetches.count
            _ = try await mailbox.list()
            #expect(mailbox.fetches.dropFirst(before).allSatisfy { $0.contains("ENVELOPE") })
        }
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
