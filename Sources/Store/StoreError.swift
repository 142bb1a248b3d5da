package import Model

/// Why stored things could not be written or understood; what the database itself says is a `DatabaseError`.
package enum StoreError: Error, Sendable, Equatable {
    /// The store was made with another secret key than the one given.
    case wrongMasterKey
    /// What `mailbridge copy-store` left behind that did not come to its end.
    case unfinishedCopy
    /// Sealed with a data key that is not in the store.
    case unknownDataKey(UInt32)
    /// A sealed value was changed, moved to another row, or cut.
    case tampered(String)
    /// A stored document is not what this program writes.
    case unreadable(String)
    /// The lease on a queued row has expired and somebody else has it, or the row is gone: stop, write nothing more.
    case leaseLost(SubmissionID)
    /// Another node synchronises the account by now: stop, write nothing more.
    case accountLeaseLost(AccountID)
    case masterKey(MasterKeyFault)

    /// Whether the value is as it should be, and other nodes open it: this one slept through a rotation.
    package var isLackOfKey: Bool { if case .unknownDataKey = self { true } else { false } }
}

/// What is wrong with the secret key that was given.
package enum MasterKeyFault: Sendable, Equatable {
    /// It is not 32 octets in base64; `source` names the setting or the file.
    case malformed(source: String)
    /// The store exists, but the file that was made with it is gone.
    case missing(path: String)
    case unreadable(path: String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongMasterKey:
            "the store was made with another secret key; give the one it was made with (MAILBRIDGE_SECRET_KEY or its file)"
        case .unfinishedCopy:
            "the database holds an unfinished copy of another store: empty it and run `mailbridge copy-store` again"
        case .unknownDataKey(let id): "a stored value is sealed with data key \(id), which is not in the store"
        case .tampered(let place): "the sealed value \(place) was changed or moved"
        case .unreadable(let place): "the stored value \(place) cannot be understood"
        case .leaseLost(let id): "the lease on \(id) is lost"
        case .accountLeaseLost(let id): "the lease on the account \(id) is lost"
        case .masterKey(.malformed(let source)): "\(source) is not a secret key: it takes 32 octets in base64"
        case .masterKey(.missing(let path)):
            "the secret key \(path) is gone, but the store it opens is still here; put the key back"
        case .masterKey(.unreadable(let path)): "the secret key \(path) cannot be read"
        }
    }
}
