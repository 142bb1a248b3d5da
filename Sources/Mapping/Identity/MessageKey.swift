package import Model
import Wire

/// Where a message is on its server: what an `EmailID` stands for until ids are derived from the message itself.
package struct MessageKey: Hashable, Sendable {
    package var mailbox: MailboxID
    package var uidValidity: UInt32
    package var uid: UInt32

    /// The 16 octets (mailbox, UIDVALIDITY, UID) in base32.
    package var id: EmailID {
        var bytes = Base32.decode(mailbox.rawValue) ?? []
        for number in [uidValidity, uid] {
            for shift in stride(from: 24, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
            }
        }
        return EmailID(rawValue: Base32.encode(bytes))
    }

    package init(mailbox: MailboxID, uidValidity: UInt32, uid: UInt32) {
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.uid = uid
    }

    /// Nil for a text that no message of ours has.
    package init?(_ id: EmailID) {
        guard let bytes = Base32.decode(id.rawValue), bytes.count == 16 else { return nil }
        func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
        mailbox = MailboxID(rawValue: Base32.encode(Array(bytes[0..<8])))
        uidValidity = number(8..<12)
        uid = number(12..<16)
        // RFC 9051, 2.3.1.1: a UID is never 0, and a server refuses the command that has one.
        guard uid > 0 else { return nil }
    }
}
