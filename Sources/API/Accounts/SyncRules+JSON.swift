import Model

extension SyncRules {
    /// The member `sync` of a new account.
    static func read(_ reader: inout ObjectReader) -> SyncRules? {
        let announceSince = reader.optional("announceSince")?.time()
        let mailboxes = reader.optional("mailboxes").flatMap(readMailboxes)
        let roles = reader.optional("roles")?.object { reader in
            var roles: [MailboxRole: String] = [:]
            for role in MailboxRole.allCases { roles[role] = reader.optional(role.rawValue)?.line() }
            return roles
        }
        return SyncRules(announceSince: announceSince, mailboxes: mailboxes, roles: roles ?? [:])
    }

    static func readMailboxes(_ node: JSONNode) -> [String]? { node.array { $0.line() } }
}

extension SyncRulesPatch {
    static func read(_ reader: inout ObjectReader) -> SyncRulesPatch? {
        var patch = SyncRulesPatch()
        patch.announceSince = reader.member("announceSince").flatMap { $0.removable { $0.time() } }
        patch.mailboxes = reader.member("mailboxes").flatMap { $0.removable(SyncRules.readMailboxes) }
        patch.roles = reader.member("roles").flatMap { node in
            node.removable { node in
                node.object { reader in
                    var roles: [MailboxRole: String?] = [:]
                    for role in MailboxRole.allCases {
                        guard let path = reader.member(role.rawValue)?.removable({ $0.line() }) else { continue }
                        roles.updateValue(path, forKey: role)
                    }
                    return roles
                }
            }
        }
        return patch
    }
}
