/// A mailbox's name as the server wrote it, and as people read it.
///
/// The octets of the wire are what counts: a name whose encoding is broken can still be selected.
package struct MailboxName: Sendable, Hashable, CustomStringConvertible {
    /// How the session writes names: modified UTF-7 until UTF-8 was enabled (RFC 9051, appendix A).
    package enum Encoding: Sendable, Hashable {
        case modifiedUTF7
        case utf8
    }

    package let wire: [UInt8]
    package let encoding: Encoding

    /// A name from the server.
    package init(wire: [UInt8], encoding: Encoding = .modifiedUTF7) {
        self.encoding = encoding
        self.wire = MailboxName.isInbox(wire) ? Array("INBOX".utf8) : wire
    }

    /// A name from a user.
    package init(_ text: String, encoding: Encoding = .modifiedUTF7) {
        switch encoding {
        case .modifiedUTF7: self.init(wire: ModifiedUTF7.encode(text), encoding: encoding)
        case .utf8: self.init(wire: Array(text.utf8), encoding: encoding)
        }
    }

    package static let inbox = MailboxName("INBOX")

    package var isInbox: Bool { MailboxName.isInbox(wire) }

    /// For people; what cannot be decoded stands as it was sent.
    package var text: String {
        switch encoding {
        case .modifiedUTF7: ModifiedUTF7.decode(wire) ?? String(decoding: wire, as: UTF8.self)
        case .utf8: String(decoding: wire, as: UTF8.self)
        }
    }

    package var description: String { text }

    /// The octets for a session with that encoding.
    package func wire(in encoding: Encoding) -> [UInt8] {
        if encoding == self.encoding || wire.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "&") }) { return wire }
        return MailboxName(text, encoding: encoding).wire
    }

    package static func == (left: MailboxName, right: MailboxName) -> Bool {
        left.encoding == right.encoding ? left.wire == right.wire : left.wire == right.wire(in: left.encoding)
    }
    /// Equal names may differ in their octets.
    package func hash(into hasher: inout Hasher) { hasher.combine(wire(in: .modifiedUTF7)) }

    /// INBOX is the one name without case (RFC 9051, 5.1).
    private static func isInbox(_ wire: [UInt8]) -> Bool {
        wire.count == 5 && wire.elementsEqual("inbox".utf8) { $0 | 0x20 == $1 }
    }
}
