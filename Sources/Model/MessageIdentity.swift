/// What tells a message from all others of its account, taken from the message and not from where it lies.
///
/// So an id survives a move, a rename, another UIDVALIDITY and the loss of the database, and is the same on every node.
package struct MessageIdentity: Sendable, Hashable {
    /// EMAILID (RFC 8474) or X-GM-MSGID, else a digest of the message.
    package var email: EmailID
    package var thread: ThreadClue

    package init(email: EmailID, thread: ThreadClue) {
        self.email = email
        self.thread = thread
    }
}

/// What a message says of the conversation it belongs to.
package enum ThreadClue: Sendable, Hashable {
    /// THREADID or X-GM-THRID: the server has decided.
    case assigned(ThreadID)
    /// The messages it names, itself first and then from the latest to the oldest, each hashed together with the subject.
    ///
    /// RFC 8621, section 3: two messages belong together if they name the same message and have the same base subject.
    /// `fallback` is the conversation that begins with it, or with the oldest message it names.
    case references([Int64], fallback: ThreadID)

    /// The conversation as far as the message alone tells.
    package var thread: ThreadID {
        switch self {
        case .assigned(let thread), .references(_, let thread): thread
        }
    }
}

/// Where a message lies on its server.
package struct MessagePlace: Sendable, Hashable {
    package var mailbox: MailboxID
    package var uidValidity: UInt32
    package var uid: UInt32

    package init(mailbox: MailboxID, uidValidity: UInt32, uid: UInt32) {
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.uid = uid
    }
}
