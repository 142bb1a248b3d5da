/// DELETE (RFC 9051, 6.3.5).
package struct DeleteCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "DELETE" }
    package var pipelining: PipeliningRule { .alone }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("DELETE ")
        try encoder.mailbox(mailbox)
    }
}
