import IMAP
import Mapping
import Model
import RemoteMail
import Testing

@Suite struct MailboxDirectoryTests {
    private func listing(_ name: String, _ attributes: Set<MailboxAttribute> = []) -> MailboxListing {
        MailboxListing(name: MailboxName(name), delimiter: "/", attributes: attributes)
    }

    @Test func `what the server says of a role wins over names`() {
        let directory = MailboxDirectory(listings: [
            listing("Sent"), listing("Gesendet", [.sent]), listing("INBOX"), listing("Papierkorb"),
        ])
        #expect(directory.entry(role: .sent)?.mailbox.path == "Gesendet")
        #expect(directory.entry(role: .trash)?.mailbox.path == "Papierkorb")
        #expect(directory.entry(role: .inbox)?.mailbox.path == "INBOX")
        #expect(directory.entry(role: .junk) == nil)
    }

    @Test func `children know their parents, and names are leaves`() throws {
        let directory = MailboxDirectory(listings: [listing("A", [.noSelect]), listing("A/B"), listing("C/D")])
        let child = try #require(directory[MailboxID(path: "A/B")])
        #expect(child.mailbox.name == "B")
        #expect(child.mailbox.parentID == MailboxID(path: "A"))
        #expect(directory[MailboxID(path: "C/D")]?.mailbox.parentID == nil)
        #expect(throws: RemoteMailError.mailboxNotSelectable(MailboxID(path: "A"))) {
            try directory.selectable(.id(MailboxID(path: "A")))
        }
        #expect(throws: RemoteMailError.roleNotFound(.junk)) { try directory.selectable(.role(.junk)) }
    }

    @Test func `without any word about subscriptions all are subscribed`() {
        #expect(MailboxDirectory(listings: [listing("A")]).entries[0].mailbox.isSubscribed)
        let told = MailboxDirectory(listings: [listing("A"), listing("B", [.subscribed])])
        #expect(told.entries.map(\.mailbox.isSubscribed) == [false, true])
        let asked = MailboxDirectory(listings: [listing("A"), listing("B")], subscribed: [MailboxName("A")])
        #expect(asked.entries.map(\.mailbox.isSubscribed) == [true, false])
    }
}
