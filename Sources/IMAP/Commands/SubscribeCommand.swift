/// SUBSCRIBE (RFC 9051, 6.3.7).
package struct SubscribeCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "SUBSCRIBE" }
    package var pipelining: PipeliningRule { .independent }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("SUBSCRIBE ")
        try encoder.mailbox(mailbox)
    }
}
