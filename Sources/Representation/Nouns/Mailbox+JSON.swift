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
        }
    }
}
