import Wire

/// Why a text is no address we would put on the wire.
package enum SMTPPathError: Error, Equatable, Sendable {
    case empty
    case tooLong
    /// CR, LF, NUL or another control, `<`, `>`, or a blank outside quotes: each could end the command early.
    case forbiddenCharacter
    /// Not `local-part@domain`.
    case syntax
}

/// A reverse-path or forward-path without its angle brackets: an address that cannot be anything but one argument.
///
/// Only what protects the command line and the server's parser is checked. Dots may stand anywhere in the local part
/// (`a..b@docomo.ne.jp` exists), and whether the domain does is for the server to say.
package struct SMTPPath: Sendable, Hashable, CustomStringConvertible {
    package let address: String

    /// The null reverse-path `<>` of notifications, which nobody may answer (RFC 5321 section 4.5.5).
    package static let null = SMTPPath(checked: "")

    private init(checked address: String) { self.address = address }

    package init(_ address: String) throws(SMTPPathError) {
        let bytes = Array(address.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= SMTPLimits.maximumPathOctets else { throw .tooLong }
        for scalar in address.unicodeScalars {
            let value = scalar.value
            guard value >= 0x20, !(0x7F...0x9F).contains(value), scalar != "<", scalar != ">", value != 0x2028,
                value != 0x2029
            else { throw .forbiddenCharacter }
        }
        try Self.check(bytes)
        self.address = address
    }

    package var description: String { "<\(address)>" }
    package var isNull: Bool { address.isEmpty }
    /// What is behind the last `@`, in lower case.
    package var domain: String { address.split(separator: "@").last.map { $0.lowercased() } ?? "" }
    /// Whether it can be sent to a server without SMTPUTF8.
    package var isASCII: Bool { address.utf8.allSatisfy { $0 < 0x80 } }

    /// Checks `Mailbox = Local-part "@" ( Domain / address-literal )` of RFC 5321, widened by RFC 6531's octets over 127.
    private static func check(_ bytes: [UInt8]) throws(SMTPPathError) {
        var cursor = ByteCursor(bytes.span)
        if cursor.take(UInt8(ascii: "\"")) {
            while true {
                guard let byte = cursor.takeByte() else { throw .syntax }
                if byte == UInt8(ascii: "\"") { break }
                if byte == UInt8(ascii: "\\"), cursor.takeByte() == nil { throw .syntax }
            }
        } else {
            guard !cursor.takeRange(while: local).isEmpty else { throw fault(cursor.peek) }
        }
        guard cursor.take(UInt8(ascii: "@")) else { throw fault(cursor.peek) }
        if cursor.take(UInt8(ascii: "[")) {
            guard !cursor.takeRange(while: literal).isEmpty, cursor.take(UInt8(ascii: "]")) else {
                throw fault(cursor.peek)
            }
        } else {
            let range = cursor.takeRange(while: domain)
            guard !range.isEmpty, bytes[range.lowerBound] != dot, bytes[range.upperBound - 1] != dot else {
                throw fault(cursor.peek)
            }
        }
        guard cursor.isAtEnd else { throw fault(cursor.peek) }
    }

    private static func fault(_ byte: UInt8?) -> SMTPPathError { byte == 0x20 ? .forbiddenCharacter : .syntax }

    private static let dot = UInt8(ascii: ".")
    private static let international = ByteSet(0x80...0xFF)
    /// `atext` of RFC 5322 and the dot.
    private static let local = ByteSet.letters.union(.digits).union(international)
        .union(ByteSet(and: "!#$%&'*+-/=?^_`{|}~."))
    /// Letters, digits, hyphen, dot; the underscore is none but in use.
    private static let domain = ByteSet.letters.union(.digits).union(international).union(ByteSet(and: "-._"))
    private static let literal = ByteSet.letters.union(.digits).union(ByteSet(and: ":.-"))
}
