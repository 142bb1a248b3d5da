package import Model

extension MailboxDraft {
    /// Reads the body of `createMailbox`.
    package static func read(_ reader: inout ObjectReader) -> MailboxDraft? {
        let name = reader.required("name")?.line(maximum: 255)
        let parent = reader.optional("parentId")?.line().map(MailboxReference.init)
        let role = reader.optional("role")?.choice(of: MailboxRole.self)
        if role == .inbox { reader.fail("role", "is the role of one mailbox that is there already") }
        return name.map { MailboxDraft(name: $0, parent: parent, role: role) }
    }
}

extension MailboxPatch {
    /// Reads the body of `updateMailbox`: null as `parentId` is the top.
    package static func read(_ reader: inout ObjectReader) -> MailboxPatch? {
        var patch = MailboxPatch()
        patch.name = reader.member("name")?.line(maximum: 255)
        if let node = reader.member("parentId") {
            patch.place = node.isNull ? .top : node.line().map { .inside(MailboxReference($0)) }
        }
        patch.isSubscribed = reader.member("isSubscribed")?.bool()
        return patch
    }
}
