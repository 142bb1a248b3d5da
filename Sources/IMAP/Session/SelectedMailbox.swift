/// The mailbox that a session works on, kept up to date by what the server says.
package struct SelectedMailbox: Sendable, Equatable {
    package let name: MailboxName
    /// EXAMINE, or a server that allows no more.
    package private(set) var readOnly: Bool
    package private(set) var exists: UInt32 = 0
    package private(set) var uidValidity: UInt32?
    package private(set) var uidNext: UInt32?
    package private(set) var flags: [Flag] = []
    /// Nil where the server did not say; then all flags may be set (RFC 9051, 6.3.2).
    package private(set) var permanentFlags: [Flag]?
    package private(set) var highestModificationSequence: UInt64?
    package private(set) var mailboxID: String?
    private let asksReadOnly: Bool

    package init(name: MailboxName, readOnly: Bool) {
        self.name = name
        self.readOnly = readOnly
        asksReadOnly = readOnly
    }

    /// Whether a keyword that the mailbox does not have yet can be set.
    package var allowsNewKeywords: Bool { permanentFlags?.contains(.wildcard) ?? true }

    /// Takes what tells of the mailbox; false for anything else.
    package mutating func absorb(_ response: UntaggedResponse) -> Bool {
        switch response {
        case .exists(let count): exists = count
        case .expunge: exists = exists > 0 ? exists - 1 : 0
        case .vanished(earlier: false, let uids): exists = UInt32(clamping: Int(exists) - min(uids.count, Int(exists)))
        case .recent: break
        case .flags(let flags): self.flags = flags
        case .condition(.ok, let text): return absorb(text.code)
        default: return false
        }
        return true
    }

    @discardableResult
    package mutating func absorb(_ code: ResponseCode?) -> Bool {
        switch code {
        case .closed: self = SelectedMailbox(name: name, readOnly: asksReadOnly)
        case .uidValidity(let value): uidValidity = value
        case .uidNext(let value): uidNext = value
        case .permanentFlags(let flags): permanentFlags = flags
        case .highestModificationSequence(let value): highestModificationSequence = value
        case .noModificationSequence: highestModificationSequence = nil
        case .mailboxID(let id): mailboxID = id
        case .readOnly: readOnly = true
        case .readWrite: readOnly = asksReadOnly
        case .unseen, .uidNotSticky: break
        default: return false
        }
        return true
    }
}
