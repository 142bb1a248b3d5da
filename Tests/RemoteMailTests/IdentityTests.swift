import IMAP
import Model
import RemoteMail
import Testing

@Suite struct IdentityTests {
    @Test(arguments: [("INBOX", UInt32(1), UInt32(1)), ("Árvíztűrő/tükör", 4_294_967_295, 4_294_967_295), ("", 0, 1)])
    func `a message's id is its place, and reads back as it`(path: String, validity: UInt32, uid: UInt32) {
        let key = MessageKey(mailbox: MailboxID(path: path), uidValidity: validity, uid: uid)
        #expect(key.id.rawValue.count == 26)
        #expect(MessageKey(key.id) == key)
    }

    @Test(arguments: ["", "x", "../../etc/passwd", "ihc4n2vj4e63w2yetyfqaaaaa", "IHC4N2VJ4E63W2YETYFQAAAAAE"])
    func `what we never wrote is no id`(text: String) {
        #expect(MessageKey(EmailID(rawValue: text)) == nil)
    }

    @Test func `a UID is never 0, and a server that is asked for it refuses the command`() {
        #expect(MessageKey(MessageKey(mailbox: MailboxID(path: "INBOX"), uidValidity: 7, uid: 0).id) == nil)
    }

    @Test func `a cursor reads back, and anything else is stale`() throws {
        let cursor = ListCursor(positions: [
            .init(mailbox: MailboxID(path: "INBOX"), uidValidity: 7, below: 100),
            .init(mailbox: MailboxID(path: "Sent"), uidValidity: 8, below: 1),
        ])
        #expect(try ListCursor(cursor.text) == cursor)
        for text in ["", "a", "abc", cursor.text + "aa"] {
            #expect(throws: RemoteMailError.staleCursor) { try ListCursor(text) }
        }
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
