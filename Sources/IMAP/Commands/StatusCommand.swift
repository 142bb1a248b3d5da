/// STATUS (RFC 9051, 6.3.11).
package struct StatusCommand: IMAPCommand {
    private let mailbox: MailboxName
    private let items: [StatusItem]

    package init(_ mailbox: MailboxName, items: [StatusItem] = StatusItem.counts) {
        self.mailbox = mailbox
        self.items = items
    }

    package var name: StaticString { "STATUS" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: MailboxStatus { MailboxStatus() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("STATUS ")
        try encoder.mailbox(mailbox)
        encoder.space()
        encoder.statusItems(items)
    }

    package func collect(_ response: UntaggedResponse, into result: inout MailboxStatus) -> Bool {
        guard case .status(let name, let status) = response, name == mailbox else { return false }
        result = status
        return true
    }
}
