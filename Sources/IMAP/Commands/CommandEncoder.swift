import Wire

/// Writes a command in pieces: each but the last ends where the server must first ask for the literal that follows.
///
/// No text of a user can leave its place: it goes out quoted where that is safe, else as a literal, and CR, LF and NUL
/// are refused.
package struct CommandEncoder: Sendable {
    /// What the server can do, and so which form of a command to write.
    package let capabilities: CapabilitySet
    /// How names are written in this session.
    package let mailboxEncoding: MailboxName.Encoding
    package private(set) var segments = [CommandSegment()]

    package init(capabilities: CapabilitySet = CapabilitySet(), mailboxEncoding: MailboxName.Encoding = .modifiedUTF7) {
        self.capabilities = capabilities
        self.mailboxEncoding = mailboxEncoding
    }

    /// Text of the program, never of a user.
    package mutating func raw(_ text: StaticString) {
        append(text.octets)
    }

    package mutating func space() { append(UInt8(ascii: " ")) }

    package mutating func number(_ number: some BinaryInteger) { append(Array(String(number).utf8)) }

    package mutating func set(_ set: NumberSet) throws(IMAPError) {
        guard !set.isEmpty else { throw .wrongState }
        append(Array(set.description.utf8))
    }

    /// A word that must be an atom: a flag, a capability, a field name; refused where it is none.
    package mutating func atom(_ text: String) throws(IMAPError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy(Self.atomCharacters.contains) else { throw .unsafeText }
        append(bytes)
    }

    package mutating func flags(_ flags: [Flag]) throws(IMAPError) {
        append(UInt8(ascii: "("))
        for (index, flag) in flags.enumerated() {
            if index > 0 { space() }
            switch flag {
            case .keyword(let name): try atom(name)
            case .system(let name):
                append(UInt8(ascii: "\\"))
                try atom(name)
            default: append(Array(flag.text.utf8))
            }
        }
        append(UInt8(ascii: ")"))
    }

    /// A name made before the session's encoding was known is written in that of the session.
    package mutating func mailbox(_ name: MailboxName) throws(IMAPError) {
        try string(name.wire(in: mailboxEncoding))
    }

    /// A text of a user.
    package mutating func string(_ text: String) throws(IMAPError) { try string(Array(text.utf8)) }

    /// Quoted where every octet is safe in quotes and the string short, else a literal.
    package mutating func string(_ bytes: [UInt8]) throws(IMAPError) {
        guard !bytes.contains(where: Self.forbidden.contains) else { throw .unsafeText }
        let safe = mailboxEncoding == .utf8 ? Self.quotableUTF8 : Self.quotable
        guard bytes.count <= 900, bytes.allSatisfy(safe.contains) else { return literal(bytes) }
        append(UInt8(ascii: "\""))
        for byte in bytes {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }

    /// Any octets: `{n}` and a new piece, or `{n+}` where the server takes literals unasked (RFC 7888).
    package mutating func literal(_ bytes: [UInt8]) { write(bytes, mark: nil) }

    /// The same as `~{n}`, which may hold NUL (RFC 3516).
    package mutating func literal8(_ bytes: [UInt8]) { write(bytes, mark: UInt8(ascii: "~")) }

    /// A literal, or with `isBinary` a literal8, that is not held.
    ///
    /// The server is always asked: one that will not take so much says so before it is sent.
    package mutating func literal(_ source: LiteralSource, isBinary: Bool) {
        if isBinary { append(UInt8(ascii: "~")) }
        append(UInt8(ascii: "{"))
        number(source.size)
        append(Array("}\r\n".utf8))
        segments.append(CommandSegment(source: source))
    }

    private mutating func write(_ bytes: [UInt8], mark: UInt8?) {
        if let mark { append(mark) }
        let waits = !takesUnasked(bytes.count)
        append(UInt8(ascii: "{"))
        number(bytes.count)
        if !waits { append(UInt8(ascii: "+")) }
        append(Array("}\r\n".utf8))
        if waits { segments.append(CommandSegment()) }
        append(bytes)
    }

    /// LITERAL+ always, LITERAL- (and IMAP4rev2) up to 4,096 octets.
    private func takesUnasked(_ count: Int) -> Bool {
        if capabilities.contains(.literalPlus) { return true }
        return count <= 4_096 && capabilities.contains(.literalMinus)
    }

    /// One octet of the program's own making.
    mutating func octet(_ byte: UInt8) { append(byte) }

    private mutating func append(_ byte: UInt8) { segments[segments.count - 1].octets.append(byte) }
    private mutating func append(_ bytes: [UInt8]) { segments[segments.count - 1].octets += bytes }

    static let forbidden = ByteSet(and: "\0\r\n")
    /// VCHAR and SP, TAB: what no server misreads between quotes.
    private static let quotable = ByteSet(0x20...0x7E, 0x09...0x09)
    private static let quotableUTF8 = ByteSet(0x20...0x7E, 0x80...0xFF, 0x09...0x09)
    // ATOM-CHAR of RFC 9051
    private static let atomCharacters = ByteSet(0x21...0x7E).subtracting(ByteSet(and: "(){%*\"\\]"))
}
