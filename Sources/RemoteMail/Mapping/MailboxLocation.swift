import IMAP
import MailClient
import Mapping
import Model

/// A place where mailboxes can be: makes the server's names of what lies there.
struct MailboxLocation: Sendable, Equatable {
    /// What every name here begins with, the separator at its end included.
    var prefix: String
    /// Nil in a flat namespace, where nothing lies inside anything.
    var delimiter: Character?
    var encoding: MailboxName.Encoding

    init(prefix: String, delimiter: Character?, encoding: MailboxName.Encoding) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.encoding = encoding
    }

    /// Inside a mailbox; nil where the server keeps no mailboxes inside others.
    init?(inside parent: MailboxDirectory.Entry) {
        guard let delimiter = parent.delimiter else { return nil }
        self.init(
            prefix: parent.mailbox.path + String(delimiter), delimiter: delimiter, encoding: parent.name.encoding)
    }

    /// Where a mailbox lies now.
    init(of entry: MailboxDirectory.Entry) {
        let path = entry.mailbox.path
        let end = entry.delimiter.flatMap { path.lastIndex(of: $0) }.map { path.index(after: $0) } ?? path.startIndex
        self.init(prefix: String(path[..<end]), delimiter: entry.delimiter, encoding: entry.name.encoding)
    }

    /// The name of a mailbox here.
    ///
    /// `*` and `%` are legal in a name, and no client can list such a mailbox without listing others.
    func name(_ leaf: String) throws(RemoteMailError) -> MailboxName {
        func refuse(_ detail: String) -> RemoteMailError { .invalid([FieldFault(pointer: "/name", detail: detail)]) }
        if let delimiter, leaf.contains(delimiter) { throw refuse("must not hold the server's separator \(delimiter)") }
        guard !leaf.contains("*"), !leaf.contains("%") else { throw refuse("must not hold * or %") }
        guard !leaf.isEmpty, leaf.first != " ", leaf.last != " " else {
            throw refuse("must not begin or end with a space")
        }
        guard leaf.utf8.count <= Limits.mailboxName else { throw refuse("is too long") }
        return MailboxName(prefix + leaf, encoding: encoding)
    }
}

extension MailService {
    /// Where a caller wants a mailbox to be; nil means the top, which some servers keep inside INBOX (Courier).
    func location(
        inside parent: MailboxReference?, of directory: MailboxDirectory, in session: IMAPLease
    ) async throws -> MailboxLocation {
        if let parent {
            guard let entry = try? directory.existing(parent) else {
                throw RemoteMailError.invalid([FieldFault(pointer: "/parentId", detail: "names no mailbox")])
            }
            guard let location = MailboxLocation(inside: entry) else {
                throw RemoteMailError.invalid([
                    FieldFault(pointer: "/parentId", detail: "cannot hold mailboxes on this server")
                ])
            }
            return location
        }
        let inbox = directory.entry(role: .inbox) ?? directory.entries.first
        let encoding = inbox?.name.encoding ?? .modifiedUTF7
        if await session.capabilities.contains(.namespace),
            let personal = try await session.execute(NamespaceCommand()).personal.first
        {
            return MailboxLocation(
                prefix: personal.prefix.text, delimiter: personal.delimiter ?? inbox?.delimiter, encoding: encoding)
        }
        return MailboxLocation(prefix: "", delimiter: inbox?.delimiter, encoding: encoding)
    }
}
