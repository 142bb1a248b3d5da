import Mapping
import Model
import RemoteMail
import Testing

@Suite struct MailboxRunTests {
    private static func run(_ name: String, _ times: [Int64]) -> MailboxRun {
        var run = MailboxRun(mailbox: MailboxID(path: name), uidValidity: 1)
        for (index, time) in times.enumerated() {
            let uid = UInt32(100 - index)
            let message = Message(
                id: EmailID(rawValue: "\(name)\(time)"), mailboxIDs: [], keywords: [], size: 0,
                receivedAt: Timestamp(milliseconds: time))
            run.messages.append((uid, .number(time), message))
            run.lookedAt = (uid, .number(time))
        }
        return run
    }

    @Test func `runs are merged, and each goes on at its next message`() throws {
        let page = MailboxRun.merge([Self.run("a", [9, 5, 1]), Self.run("b", [8, 7, 6])], sort: .newest, limit: 3)
        #expect(page.data.map(\.id.rawValue) == ["a9", "b8", "b7"])
        let cursor = try ListCursor(try #require(page.nextCursor))
        #expect(cursor.positions.map(\.uid) == [99, 98])
        #expect(cursor.positions.map(\.key) == [.number(5), .number(6)])
        #expect(cursor.positions.allSatisfy { !$0.isDone })
    }

    @Test func `upwards the smallest comes first`() {
        let page = MailboxRun.merge([Self.run("a", [1, 5]), Self.run("b", [2, 7])], sort: .oldest, limit: 9)
        #expect(page.data.map(\.id.rawValue) == ["a1", "b2", "a5", "b7"])
        #expect(page.nextCursor == nil)
    }

    @Test func `nothing overtakes what nobody looked at yet`() throws {
        var open = Self.run("a", [9, 5])
        open.isOpen = true
        let page = MailboxRun.merge([open, Self.run("b", [8, 4, 3])], sort: .newest, limit: 9)
        #expect(page.data.map(\.id.rawValue) == ["a9", "b8", "a5"])
        let cursor = try ListCursor(try #require(page.nextCursor))
        #expect(cursor.positions.map(\.isDone) == [true, false])
        #expect(cursor.positions.map(\.uid) == [99, 99])
    }

    @Test(arguments: [
        ("Re: Hello", "Hello"), ("RE[2]: fwd: Hello (fwd)", "Hello"), ("[list] Re:  Hello  world", "Hello world"),
        ("[list]", "[list]"), ("Reply", "Reply"), ("", ""), ("re:", ""),
    ])
    func `a subject is compared without what replies put around it`(subject: String, base: String) {
        #expect(BaseSubject.of(subject) == base)
    }

    @Test func `keys compare as their kind does`() {
        var message = Message(
            id: EmailID(rawValue: "x"), mailboxIDs: [], keywords: [], size: 5, receivedAt: Timestamp(milliseconds: 7))
        message.from = [Correspondent(name: "Zoë", email: "anna@example.com")]
        #expect(SortKey(message, .size, showsNames: true) == .number(5))
        #expect(SortKey(message, .sentAt, showsNames: true) == .number(7))
        #expect(SortKey(message, .from, showsNames: true) == .text("ZOË"))
        #expect(SortKey(message, .from, showsNames: false) == .text("ANNA"))
        #expect(SortKey.text("A") < .text("B") && SortKey.number(-1) < .number(1))
        message.subject = String(repeating: "é", count: 1_000)
        guard case .text(let text) = SortKey(message, .subject, showsNames: true) else {
            Issue.record("no text")
            return
        }
        #expect(text.utf8.count < 100)
    }
}
