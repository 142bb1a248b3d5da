package import IMAP
package import Model

/// An account's mailboxes at one moment: what LIST and STATUS said, with ids, roles and the tree.
package struct MailboxDirectory: Sendable {
    /// A mailbox as the API shows it, and as the server calls it.
    package struct Entry: Sendable {
        package var mailbox: Mailbox
        /// How the server calls it; what SELECT needs.
        package var name: MailboxName
        /// What separates it from the mailboxes inside; nil where there can be none.
        package var delimiter: Character?
    }

    package private(set) var entries: [Entry] = []
    private var indexByID: [MailboxID: Int] = [:]

    /// `subscribed` is nil where the server tells nothing about subscriptions: then all count as subscribed.
    ///
    /// `ids` are those that mailboxes have already, by path; others have the id of their path. `roles` are the user's own choice.
    package init(
        listings: [MailboxListing], subscribed: Set<MailboxName>? = nil, ids: [String: MailboxID] = [:],
        roles: [MailboxRole: String] = [:]
    ) {
        func id(of path: String) -> MailboxID { ids[path] ?? MailboxID(path: path) }
        let roles = MailboxRoles.assign(to: listings, chosen: roles)
        let names = Set(listings.map(\.name.text))
        let anySubscribed = subscribed != nil || listings.contains { $0.attributes.contains(.subscribed) }
        for listing in listings {
            let path = listing.name.text
            guard indexByID[id(of: path)] == nil else { continue }
            let parent = listing.delimiter.flatMap { delimiter -> String? in
                guard let last = path.lastIndex(of: delimiter) else { return nil }
                return String(path[..<last])
            }
            let role = roles[listing.name]
            var mailbox = Mailbox(
                id: id(of: path),
                name: MailboxRoles.leaf(of: listing),
                path: path,
                parentID: parent.flatMap { names.contains($0) ? id(of: $0) : nil },
                role: role,
                sortOrder: Self.sortOrder(of: role),
                totalEmails: listing.isSelectable ? listing.status?.messages.map(Int.init) : nil,
                unreadEmails: listing.isSelectable ? listing.status?.unseen.map(Int.init) : nil,
                isSubscribed: !anySubscribed || listing.attributes.contains(.subscribed)
                    || subscribed?.contains(listing.name) == true,
                isSelectable: listing.isSelectable)
            mailbox.myRights = listing.rights.map(MailboxPermissions.init)
            indexByID[mailbox.id] = entries.count
            entries.append(Entry(mailbox: mailbox, name: listing.name, delimiter: listing.delimiter))
        }
        entries.sort {
            ($0.mailbox.sortOrder, $0.mailbox.path.lowercased()) < ($1.mailbox.sortOrder, $1.mailbox.path.lowercased())
        }
        for (index, entry) in entries.enumerated() { indexByID[entry.mailbox.id] = index }
    }

    package subscript(id: MailboxID) -> Entry? { indexByID[id].map { entries[$0] } }

    package subscript(path path: String) -> Entry? { entries.first { $0.mailbox.path == path } }

    package func entry(role: MailboxRole) -> Entry? { entries.first { $0.mailbox.role == role } }

    /// All that lies inside, however deep.
    package func inside(_ entry: Entry) -> [Entry] {
        guard let delimiter = entry.delimiter else { return [] }
        let prefix = entry.mailbox.path + String(delimiter)
        return entries.filter { $0.mailbox.path.hasPrefix(prefix) }
    }

    private static func sortOrder(of role: MailboxRole?) -> Int {
        switch role {
        case .inbox: 1
        case .drafts: 2
        case .sent: 3
        case .archive: 4
        case .all: 5
        case .flagged: 6
        case .important: 7
        case .junk: 8
        case .trash: 9
        case nil: 10
        }
    }
}
