import Mapping
package import Model
import Wire

/// Where a list of messages goes on, in each mailbox it draws from.
///
/// A place is a message and what it is sorted by: where the message is gone meanwhile, the list goes on where it would
/// stand. So a page neither repeats a message nor skips one, whatever arrives or is deleted.
package struct ListCursor: Sendable, Equatable {
    /// How far one mailbox was read.
    package struct Position: Sendable, Equatable {
        package var mailbox: MailboxID
        package var uidValidity: UInt32
        package var uid: UInt32
        package var key: SortKey
        /// Whether this message was shown or looked at already; otherwise it is the next.
        package var isDone: Bool

        package init(mailbox: MailboxID, uidValidity: UInt32, uid: UInt32, key: SortKey, isDone: Bool = false) {
            self.mailbox = mailbox
            self.uidValidity = uidValidity
            self.uid = uid
            self.key = key
            self.isDone = isDone
        }
    }

    package var sort: MessageSort
    package var positions: [Position]

    package init(sort: MessageSort, positions: [Position]) {
        self.sort = sort
        self.positions = positions
    }

    func position(in mailbox: MailboxID) -> Position? { positions.first { $0.mailbox == mailbox } }

    /// The order and the positions one after the other, in base32.
    package var text: String {
        var bytes: [UInt8] = [UInt8(MessageSort.allCases.firstIndex(of: sort) ?? 0)]
        for position in positions {
            bytes += Base32.decode(position.mailbox.rawValue) ?? []
            bytes.append(bigEndian: position.uidValidity)
            bytes.append(bigEndian: position.uid)
            switch position.key {
            case .number(let number):
                bytes.append(position.isDone ? 1 : 0)
                bytes.append(bigEndian: UInt64(bitPattern: number))
            case .text(let text):
                bytes += [position.isDone ? 3 : 2, UInt8(clamping: text.utf8.count)]
                bytes += text.utf8.prefix(255)
            }
        }
        return Base32.encode(bytes)
    }

    package init(_ text: String) throws(RemoteMailError) {
        guard let bytes = Base32.decode(text), let first = bytes.first, Int(first) < MessageSort.allCases.count else {
            throw .staleCursor
        }
        sort = MessageSort.allCases[Int(first)]
        positions = []
        var rest = bytes.dropFirst()
        while !rest.isEmpty {
            guard rest.count >= 18 else { throw .staleCursor }
            let mailbox = MailboxID(rawValue: Base32.encode(Array(rest.prefix(8))))
            rest = rest.dropFirst(8)
            let validity = UInt32(truncatingIfNeeded: rest.takeBigEndian(4))
            let uid = UInt32(truncatingIfNeeded: rest.takeBigEndian(4))
            let kind = rest.takeBigEndian(1)
            guard kind < 4 else { throw .staleCursor }
            let key: SortKey
            if kind < 2 {
                guard rest.count >= 8 else { throw .staleCursor }
                key = .number(Int64(bitPattern: rest.takeBigEndian(8)))
            } else {
                let count = Int(rest.takeBigEndian(1))
                guard rest.count >= count else { throw .staleCursor }
                key = .text(String(decoding: rest.prefix(count), as: UTF8.self))
                rest = rest.dropFirst(count)
            }
            positions.append(
                Position(mailbox: mailbox, uidValidity: validity, uid: uid, key: key, isDone: kind & 1 == 1))
        }
        guard !positions.isEmpty else { throw .staleCursor }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

extension ArraySlice<UInt8> {
    /// Fewer octets than asked for count as they are.
    fileprivate mutating func takeBigEndian(_ count: Int) -> UInt64 {
        let value = prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
        self = dropFirst(count)
        return value
    }
}
