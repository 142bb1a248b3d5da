/// MYRIGHTS (RFC 4314, 3.5): what we may do in a mailbox; nil where the server did not say.
package struct MyRightsCommand: IMAPCommand {
    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "MYRIGHTS" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: MailboxRights? { nil }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.acl) else { throw .unsupported(.acl) }
        encoder.raw("MYRIGHTS ")
        try encoder.mailbox(mailbox)
    }

    package func collect(_ response: UntaggedResponse, into result: inout MailboxRights?) -> Bool {
        guard case .myRights(let name, let rights) = response, name == mailbox else { return false }
        result = rights
        return true
    }
}
