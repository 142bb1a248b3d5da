package import Model

extension Mailbox: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", name)
            writer.member("path", path)
            writer.member("parentId", parentID)
            writer.member("role", role?.rawValue)
            writer.member("sortOrder", sortOrder)
            writer.member("totalEmails", totalEmails)
            writer.member("unreadEmails", unreadEmails)
            writer.member("isSubscribed", isSubscribed)
            writer.member("isSelectable", isSelectable)
            writer.member("size", size)
            writer.member("myRights", myRights)
        }
    }
}

extension MailboxPermissions: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("mayReadItems", mayReadItems)
            writer.member("mayAddItems", mayAddItems)
            writer.member("mayRemoveItems", mayRemoveItems)
            writer.member("maySetSeen", maySetSeen)
            writer.member("maySetKeywords", maySetKeywords)
            writer.member("mayCreateChild", mayCreateChild)
            writer.member("mayRename", mayRename)
            writer.member("mayDelete", mayDelete)
        }
    }
}

extension QuotaUsage: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("root", root)
            writer.member("resource", resource)
            writer.member("unit", unit.rawValue)
            // What does not fit is as good as without end.
            writer.member("used", Int(clamping: used))
            writer.member("limit", Int(clamping: limit))
        }
    }
}
