package import IMAP
package import Model

extension MailboxPermissions {
    /// RFC 8621, 2 says which of RFC 4314's rights each of JMAP's needs.
    package init(_ rights: MailboxRights) {
        self.init(
            mayReadItems: rights.mayRead, mayAddItems: rights.mayInsert, mayRemoveItems: rights.mayDeleteMessages,
            maySetSeen: rights.maySetSeen, maySetKeywords: rights.maySetFlags,
            mayCreateChild: rights.mayCreateMailboxes, mayRename: rights.mayDeleteMailbox,
            mayDelete: rights.mayDeleteMailbox)
    }
}
