/// UNSUBSCRIBE (RFC 9051, 6.3.8).
package struct UnsubscribeCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "UNSUBSCRIBE" }
    package var pipelining: PipeliningRule { .independent }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("UNSUBSCRIBE ")
        try encoder.mailbox(mailbox)
    }
}
