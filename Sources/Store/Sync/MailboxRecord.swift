package import Model

/// A mailbox as the store knows it, with how far it was read.
package struct MailboxRecord: Sendable, Equatable {
    /// Its short number in the rows of the index.
    package var number: Int64
    package var id: MailboxID
    package var path: String
    /// What was announced of it; nil where it was not yet.
    package var announced: MailboxFacts?
    package var cursor: MailboxCursor
    /// When we first knew of it.
    package var seenAt: Timestamp
    /// When the server was last asked whether the cursor is right.
    package var checkedAt: Timestamp?
    package var standing: Standing

    /// Whether the sync looks at a mailbox.
    package enum Standing: Sendable, Equatable {
        case always
        /// Its rows are what others read, and say nothing of what becomes of messages.
        case leftOut
        /// It was left out until then: only what came later is news.
        case since(Timestamp)
    }

    package init(
        number: Int64, id: MailboxID, path: String, announced: MailboxFacts?, cursor: MailboxCursor,
        seenAt: Timestamp, checkedAt: Timestamp? = nil, standing: Standing = .always
    ) {
        self.number = number
        self.id = id
        self.path = path
        self.announced = announced
        self.cursor = cursor
        self.seenAt = seenAt
        self.checkedAt = checkedAt
        self.standing = standing
    }

    /// Whether the sync has yet to look into it for the first time.
    package var isNew: Bool { checkedAt == nil }

    /// What it is for, as was announced last.
    package var role: MailboxRole? { announced?.role.flatMap(MailboxRole.init) }
}

/// How far a mailbox was read, and what the server said of it then.
package struct MailboxCursor: Sendable, Equatable {
    /// 0 before anybody selected the mailbox.
    package var uidValidity: UInt32
    /// Messages from this UID on are not announced yet.
    package var uidNext: UInt32
    /// HIGHESTMODSEQ (RFC 7162); nil where the server or the mailbox has none.
    package var modificationSequence: UInt64?
    package var total: UInt32
    package var unread: UInt32?
    /// Messages below this UID have no rows yet; 0 or 1 where all have.
    package var backfill: UInt32
    /// Grows by one, whatever its sign, with each new UIDVALIDITY; negative where the mailbox had not been read whole before.
    package var generation: Int64

    package init(
        uidValidity: UInt32 = 0, uidNext: UInt32 = 0, modificationSequence: UInt64? = nil, total: UInt32 = 0,
        unread: UInt32? = nil, backfill: UInt32 = 0, generation: Int64 = 0
    ) {
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.modificationSequence = modificationSequence
        self.total = total
        self.unread = unread
        self.backfill = backfill
        self.generation = generation
    }

    /// Whether rows are missing of messages that were there before.
    package var isBackfilling: Bool { backfill > 1 }
}

/// What a mailbox shows of itself besides its counts: a change of it is `mailbox.updated`.
package struct MailboxFacts: Sendable, Equatable, Codable {
    package var name: String
    package var path: String
    package var parentID: String?
    package var role: String?
    package var isSubscribed: Bool
    package var isSelectable: Bool

    package init(_ mailbox: Mailbox) {
        name = mailbox.name
        path = mailbox.path
        parentID = mailbox.parentID?.rawValue
        role = mailbox.role?.rawValue
        isSubscribed = mailbox.isSubscribed
        isSelectable = mailbox.isSelectable
    }
}
