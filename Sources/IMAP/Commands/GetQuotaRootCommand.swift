/// GETQUOTAROOT (RFC 9208, 4.1.2): the quotas that count for a mailbox.
package struct GetQuotaRootCommand: IMAPCommand {
    private let mailbox: MailboxName

    package init(_ mailbox: MailboxName) { self.mailbox = mailbox }

    package var name: StaticString { "GETQUOTAROOT" }
    /// QUOTA answers do not say which mailbox they are for.
    package var pipelining: PipeliningRule {
        PipeliningRule(needs: [.noAnswer(.quota)], does: [.runs, .mayExpunge, .answers(.quota)])
    }
    package var emptyResult: [Quota] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.quota) else { throw .unsupported(.quota) }
        encoder.raw("GETQUOTAROOT ")
        try encoder.mailbox(mailbox)
    }

    package func collect(_ response: UntaggedResponse, into result: inout [Quota]) -> Bool {
        switch response {
        case .quota(let quota):
            result.append(quota)
            return true
        case .quotaRoot(let name, _): return name == mailbox
        default: return false
        }
    }
}
