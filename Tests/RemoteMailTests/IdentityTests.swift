import IMAP
import Mapping
import Model
import RemoteMail
import Testing

@Suite struct IdentityTests {
    @Test func `a cursor reads back, and anything else is stale`() throws {
        let cursor = ListCursor(
            sort: .sentAtDescending,
            positions: [
                .init(mailbox: MailboxID(path: "INBOX"), uidValidity: 7, uid: 100, key: .number(-1), isDone: true),
                .init(mailbox: MailboxID(path: "Sent"), uidValidity: 8, uid: 1, key: .text("GRÜSSE")),
                .init(mailbox: MailboxID(path: "x"), uidValidity: .max, uid: .max, key: .text(""), isDone: true),
                .init(mailbox: MailboxID(path: "y"), uidValidity: 0, uid: 0, key: .number(.max)),
            ])
        #expect(try ListCursor(cursor.text) == cursor)
        let broken = [cursor.text + "aa", String(cursor.text.dropLast(8)), "7" + cursor.text.dropFirst()]
        for text in ["", "a", "abc"] + broken {
            #expect(throws: RemoteMailError.staleCursor) { try ListCursor(text) }
        }
    }

    @Test(arguments: [
        ConversationID.object("T-1_a"), .gmail(1_266_894_439_832_287_888),
        .derived("abcdefghijklmnop"),
    ])
    func `a conversation's id reads back`(conversation: ConversationID) {
        #expect(ConversationID(conversation.id) == conversation)
    }

    @Test(arguments: [
        "", "T", "G", "M", "Ta b", "T\r\nx", "G-1", "G99999999999999999999", "Mxyz", "R1", "Rabcdefghijklmno1", "x1",
    ])
    func `what we never wrote is no conversation`(text: String) {
        #expect(ConversationID(ThreadID(rawValue: text)) == nil)
    }

    @Test(arguments: [
        ("$seen", Flag.seen), ("$Flagged", .flagged), ("$forwarded", .keyword("$Forwarded")),
        ("label1", .keyword("label1")),
    ])
    func `keywords are flags`(keyword: String, flag: Flag) {
        #expect(Keywords.flag(of: keyword) == flag)
        #expect(Keywords.keyword(of: flag) == keyword.lowercased())
    }

    @Test(arguments: ["", "a b", "a(b", "ü", "a\r\nb", "\\Deleted", String(repeating: "x", count: 256)])
    func `what is no keyword never becomes a flag`(keyword: String) {
        #expect(Keywords.flag(of: keyword) == nil)
    }
}
