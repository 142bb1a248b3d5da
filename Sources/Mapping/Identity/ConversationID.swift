package import IMAP
package import Model
import Wire

/// What a `ThreadID` stands for.
package enum ConversationID: Hashable, Sendable {
    /// OBJECTID's THREADID (RFC 8474): one for the whole account.
    case object(String)
    /// Gmail's X-GM-THRID: one for the whole account.
    case gmail(UInt64)
    /// A digest of the message that began it, and its subject: see `ThreadClue`.
    case derived(String)

    package var id: ThreadID {
        switch self {
        case .object(let name): ThreadID(rawValue: "T" + name)
        case .gmail(let number): ThreadID(rawValue: "G\(number)")
        case .derived(let digest): ThreadID(rawValue: "R" + digest)
        }
    }

    /// Nil for a text that no conversation of ours has.
    package init?(_ id: ThreadID) {
        let rest = String(id.rawValue.dropFirst())
        switch id.rawValue.first {
        case "T":
            // objectid of RFC 8474
            let isObject = rest.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
                default: false
                }
            }
            guard isObject, (1...255).contains(rest.utf8.count) else { return nil }
            self = .object(rest)
        case "G":
            guard let number = UInt64(rest) else { return nil }
            self = .gmail(number)
        case "R":
            guard rest.utf8.count == 16, Base32.decode(rest) != nil else { return nil }
            self = .derived(rest)
        default: return nil
        }
    }

    package init?(_ extras: FetchedExtras) {
        if let name = extras.threadID {
            self = .object(name)
        } else if let number = extras.gmailThreadID {
            self = .gmail(number)
        } else {
            return nil
        }
    }
}
