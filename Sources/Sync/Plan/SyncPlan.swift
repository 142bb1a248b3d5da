package import Store

/// What the server says of a mailbox now, by STATUS or SELECT; nil for what it does not tell.
package struct ObservedMailbox: Sendable, Equatable {
    package var uidValidity: UInt32?
    package var uidNext: UInt32?
    package var messages: UInt32?
    package var modificationSequence: UInt64?

    package init(
        uidValidity: UInt32? = nil, uidNext: UInt32? = nil, messages: UInt32? = nil,
        modificationSequence: UInt64? = nil
    ) {
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.messages = messages
        self.modificationSequence = modificationSequence
    }
}

/// How much the server helps.
package enum SyncTier: Sendable, Equatable, CaseIterable {
    /// RFC 7162: what changed and what vanished, in one answer.
    case qresync
    /// RFC 7162: what changed; what vanished is found by comparing UIDs.
    case condStore
    /// Neither: UIDs and flags are compared.
    case plain
}

/// What has to be read of one mailbox, given what we have and what the server says: a pure function.
package enum SyncPlan: Sendable, Equatable {
    case nothing
    /// Never read before: its cursor is taken, its messages are read newest first, later.
    case first
    /// UIDVALIDITY is another: no UID that we know means anything any more (RFC 9051, 2.3.1.1).
    case reset
    /// FETCH … (CHANGEDSINCE n VANISHED), or SELECT … (QRESYNC …).
    case resync(since: UInt64)
    /// FETCH … (CHANGEDSINCE n); with `comparesUIDs` also SEARCH ALL.
    case changes(since: UInt64, comparesUIDs: Bool)
    /// New UIDs; with `comparesUIDs` also SEARCH ALL, with `comparesFlags` also the flags of the newest.
    case compare(comparesUIDs: Bool, comparesFlags: Bool)

    /// `isThorough` trusts no number: a reconcile, or news that something happened.
    package static func decide(
        _ cursor: MailboxCursor, isNew: Bool, _ observed: ObservedMailbox, _ tier: SyncTier, isThorough: Bool
    ) -> SyncPlan {
        if isNew { return .first }
        if let validity = observed.uidValidity, validity != cursor.uidValidity { return .reset }
        let isSameSize = observed.messages.map { $0 == cursor.total }
        let isSameEnd = observed.uidNext.map { $0 == cursor.uidNext }
        if tier != .plain, let known = cursor.modificationSequence {
            if !isThorough, observed.modificationSequence == known, isSameSize != false, isSameEnd != false {
                return .nothing
            }
            if tier == .qresync { return .resync(since: known) }
            // Something was removed where the numbers do not add up; a message that came and one that went cancel out.
            let arrived = observed.uidNext.map { $0 > cursor.uidNext } ?? true
            return .changes(since: known, comparesUIDs: isThorough || isSameSize != true || arrived)
        }
        if !isThorough, isSameSize == true, isSameEnd == true { return .nothing }
        return .compare(comparesUIDs: isThorough || isSameSize != true || isSameEnd != true, comparesFlags: isThorough)
    }
}
