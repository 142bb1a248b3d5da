/// RENAME (RFC 9051, 6.3.6).
package struct RenameCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName
    private let newName: MailboxName

    package init(_ mailbox: MailboxName, to newName: MailboxName) {
        self.mailbox = mailbox
        self.newName = newName
    }

    package var name: StaticString { "RENAME" }
    package var pipelining: PipeliningRule { .alone }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("RENAME ")
        try encoder.mailbox(mailbox)
        encoder.space()
        try encoder.mailbox(newName)
    }
}
