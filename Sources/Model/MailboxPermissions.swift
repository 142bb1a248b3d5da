/// What one may do in a mailbox: RFC 8621's MailboxRights, as far as an IMAP server tells (RFC 4314).
package struct MailboxPermissions: Sendable, Equatable {
    package var mayReadItems: Bool
    package var mayAddItems: Bool
    package var mayRemoveItems: Bool
    package var maySetSeen: Bool
    package var maySetKeywords: Bool
    package var mayCreateChild: Bool
    package var mayRename: Bool
    package var mayDelete: Bool

    package init(
        mayReadItems: Bool, mayAddItems: Bool, mayRemoveItems: Bool, maySetSeen: Bool, maySetKeywords: Bool,
        mayCreateChild: Bool, mayRename: Bool, mayDelete: Bool
    ) {
        self.mayReadItems = mayReadItems
        self.mayAddItems = mayAddItems
        self.mayRemoveItems = mayRemoveItems
        self.maySetSeen = maySetSeen
        self.maySetKeywords = maySetKeywords
        self.mayCreateChild = mayCreateChild
        self.mayRename = mayRename
        self.mayDelete = mayDelete
    }
}
