/// What STATUS can be asked for (RFC 9051, 6.3.11), as far as the server knows it.
package enum StatusItem: Sendable, Hashable, CaseIterable {
    case messages
    case unseen
    case recent
    case deleted
    case uidNext
    case uidValidity
    case size
    case highestModificationSequence
    /// Cyrus 3.6 answers it with freed memory when it comes with a LIST (RETURN STATUS), so that must not ask for it.
    case mailboxID

    /// The counts a mailbox list shows.
    package static let counts: [StatusItem] = [.messages, .unseen, .uidNext, .uidValidity]

    var word: StaticString {
        switch self {
        case .messages: "MESSAGES"
        case .unseen: "UNSEEN"
        case .recent: "RECENT"
        case .deleted: "DELETED"
        case .uidNext: "UIDNEXT"
        case .uidValidity: "UIDVALIDITY"
        case .size: "SIZE"
        case .highestModificationSequence: "HIGHESTMODSEQ"
        case .mailboxID: "MAILBOXID"
        }
    }

    /// Whether the server knows the item: one unknown item makes the whole command BAD.
    func isKnown(_ capabilities: CapabilitySet) -> Bool {
        switch self {
        case .messages, .unseen, .uidNext, .uidValidity: true
        case .recent: capabilities.contains(.imap4rev1)
        case .deleted: capabilities.contains(.imap4rev2)
        case .size: capabilities.contains(.statusSize)
        case .highestModificationSequence: capabilities.contains(.condStore) || capabilities.contains(.qresync)
        case .mailboxID: capabilities.contains(.objectID)
        }
    }
}

extension CommandEncoder {
    // "(" status-att *(SP status-att) ")", without what the server does not know
    mutating func statusItems(_ items: [StatusItem]) {
        raw("(")
        for (index, item) in items.filter({ $0.isKnown(capabilities) }).enumerated() {
            if index > 0 { space() }
            raw(item.word)
        }
        raw(")")
    }
}
