/// How an account's mail is kept in step: what the user decides of it.
package struct SyncRules: Sendable, Hashable {
    /// What the first reading finds is announced where it arrived since then; nil: only what came after the account was added.
    package var announceSince: Timestamp?
    /// Ids, roles or paths of the mailboxes that are kept in step; nil: all.
    package var mailboxes: [String]?
    /// Paths of the mailboxes that play a role, whatever the server or their names say.
    package var roles: [MailboxRole: String]

    package init(announceSince: Timestamp? = nil, mailboxes: [String]? = nil, roles: [MailboxRole: String] = [:]) {
        self.announceSince = announceSince
        self.mailboxes = mailboxes
        self.roles = roles
    }

    package func includes(_ mailbox: Mailbox) -> Bool {
        guard let mailboxes else { return true }
        return mailboxes.contains { name in
            name == mailbox.id.rawValue || name == mailbox.path || name == mailbox.role?.rawValue
        }
    }
}

/// What a merge patch changes of them: outer nil keeps, inner nil goes back to the default.
package struct SyncRulesPatch: Sendable {
    package var announceSince: Timestamp??
    package var mailboxes: [String]??
    package var roles: [MailboxRole: String?]??

    package init() {}

    package func applied(to rules: SyncRules) -> SyncRules {
        var rules = rules
        if let announceSince { rules.announceSince = announceSince }
        if let mailboxes { rules.mailboxes = mailboxes }
        switch roles {
        case .none: break
        case .some(.none): rules.roles = [:]
        case .some(.some(let changes)): for (role, path) in changes { rules.roles[role] = path }
        }
        return rules
    }
}
