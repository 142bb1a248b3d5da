package import Mapping
package import Model

extension MailboxDirectory {
    /// The entry a caller means, whether or not it holds messages.
    package func existing(_ reference: MailboxReference) throws(RemoteMailError) -> Entry {
        switch reference {
        case .role(let role):
            guard let entry = entry(role: role) else { throw .roleNotFound(role) }
            return entry
        case .id(let id):
            guard let entry = self[id] else { throw .mailboxNotFound(id.rawValue) }
            return entry
        }
    }

    /// The entry a caller means; selectable, or a clear error.
    package func selectable(_ reference: MailboxReference) throws(RemoteMailError) -> Entry {
        let found = try existing(reference)
        guard found.mailbox.isSelectable else { throw .mailboxNotSelectable(found.mailbox.id) }
        return found
    }

    /// The mailbox that we made or renamed just now.
    func existing(path: String) throws(RemoteMailError) -> Entry {
        guard let entry = self[path: path] else { throw .mailboxNotFound(path) }
        return entry
    }
}
