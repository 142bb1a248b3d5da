package import Model
import Wire

/// Where a list of messages goes on: below which UID, in each mailbox it draws from.
///
/// UIDs only grow, so a page that begins below one shows neither a message twice nor skips one while mail arrives.
package struct ListCursor: Sendable, Equatable {
    /// How far one mailbox was read.
    package struct Position: Sendable, Equatable {
        package var mailbox: MailboxID
        package var uidValidity: UInt32
        /// Only messages with smaller UIDs are still to come.
        package var below: UInt32

        package init(mailbox: MailboxID, uidValidity: UInt32, below: UInt32) {
            self.mailbox = mailbox
            self.uidValidity = uidValidity
            self.below = below
        }
    }

    package var positions: [Position]

    package init(positions: [Position]) { self.positions = positions }

    func position(in mailbox: MailboxID) -> Position? { positions.first { $0.mailbox == mailbox } }

    /// The positions' keys one after the other, in base32.
    package var text: String {
        var bytes: [UInt8] = []
        for position in positions {
            bytes += Base32.decode(position.mailbox.rawValue) ?? []
            for number in [position.uidValidity, position.below] {
                for shift in stride(from: 24, through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
                }
            }
        }
        return Base32.encode(bytes)
    }

    package init(_ text: String) throws(RemoteMailError) {
        guard let bytes = Base32.decode(text), !bytes.isEmpty, bytes.count % 16 == 0 else { throw .staleCursor }
        func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
        positions = stride(from: 0, to: bytes.count, by: 16).map { start in
            Position(
                mailbox: MailboxID(rawValue: Base32.encode(Array(bytes[start..<(start + 8)]))),
                uidValidity: number((start + 8)..<(start + 12)), below: number((start + 12)..<(start + 16)))
        }
    }
}
