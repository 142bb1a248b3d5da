/// LSUB (RFC 3501, 6.3.9): subscriptions of servers without LIST-EXTENDED.
package struct LsubCommand: IMAPCommand {
    private let reference: MailboxName
    private let pattern: MailboxName

    package init(reference: MailboxName = MailboxName(""), pattern: MailboxName = MailboxName("*")) {
        self.reference = reference
        self.pattern = pattern
    }

    package var name: StaticString { "LSUB" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: [MailboxListing] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("LSUB ")
        try encoder.mailbox(reference)
        encoder.space()
        try encoder.mailbox(pattern)
    }

    package func collect(_ response: UntaggedResponse, into result: inout [MailboxListing]) -> Bool {
        guard case .lsub(let listing) = response else { return false }
        result.append(listing)
        return true
    }
}
