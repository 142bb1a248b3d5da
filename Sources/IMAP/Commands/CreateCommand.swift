/// CREATE (RFC 9051, 6.3.4), with the mailbox's special use where the server takes it (RFC 6154, 3).
package struct CreateCommand: IMAPCommand {
    package typealias Result = Void

    private let mailbox: MailboxName
    private let use: MailboxAttribute?

    package init(_ mailbox: MailboxName, use: MailboxAttribute? = nil) {
        self.mailbox = mailbox
        self.use = use
    }

    package var name: StaticString { "CREATE" }
    package var pipelining: PipeliningRule { .independent }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("CREATE ")
        try encoder.mailbox(mailbox)
        guard let use else { return }
        guard encoder.capabilities.contains(.createSpecialUse) else { throw .unsupported(.createSpecialUse) }
        encoder.raw(" (USE ")
        try encoder.flags([.system(use.name.dropFirst().capitalizedFirst)])
        encoder.raw(")")
    }
}

extension Substring {
    /// Attributes know no case (RFC 9051, 9); they go out as the RFCs print them.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
