/// CREATE (RFC 9051, 6.3.4).
package struct CreateCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "CREATE" }
    package var pipelining: PipeliningRule { .independent }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("CREATE ")
        try encoder.mailbox(mailbox)
    }
}
