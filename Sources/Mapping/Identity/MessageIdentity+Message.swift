import Crypto
package import IMAP
package import Model
import Wire

extension MessageIdentity {
    /// From a summary that has at least Message-ID, Date, From, Subject, References and the size.
    package init(of message: Message, _ extras: FetchedExtras?) {
        let thread = ThreadClue(of: message, extras)
        if let id = extras?.emailID {
            self.init(email: EmailID(rawValue: id), thread: thread)
        } else if let number = extras?.gmailMessageID {
            self.init(email: EmailID(rawValue: "g\(number)"), thread: thread)
        } else {
            self.init(email: Fingerprint.of(message), thread: thread)
        }
    }
}

/// A digest of what no mail server changes about a message.
enum Fingerprint {
    /// 80 bits of SHA-256 in base32: Message-ID, Date, sender and size.
    ///
    /// Without the time of arrival, which a restored or migrated mailbox has anew; a message that names itself by no
    /// Message-ID needs it, and its subject, all the same. SHA-256, because whoever writes a message would choose its id
    /// if he could find collisions.
    static func of(_ message: Message) -> EmailID {
        var parts = [
            message.messageID ?? "", message.sentAt.map { String($0.milliseconds) } ?? "",
            message.from.first?.email.lowercased() ?? "", String(message.size),
        ]
        if message.messageID == nil { parts += [String(message.receivedAt.milliseconds), message.subject ?? ""] }
        return EmailID(rawValue: digest(parts))
    }

    /// The parts cannot run into each other: none of them holds NUL.
    static func digest(_ parts: [String]) -> String {
        Base32.encode(Array(octets(parts).prefix(10)))
    }

    static func number(_ parts: [String]) -> Int64 {
        Int64(bitPattern: octets(parts).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    private static func octets(_ parts: [String]) -> SHA256.Digest {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Array(part.utf8))
            hash.update(data: [0])
        }
        return hash.finalize()
    }
}
