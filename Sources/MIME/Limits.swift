/// How much of one message we are willing to understand; everything beyond is kept as bytes and named in `problems`.
package struct MIMELimits: Sendable, Equatable {
    /// Octets of one header section; the fields beyond are not read (Gmail refuses at 500 kB, Exchange at 256 kB).
    package var headerBytes = 1 << 20
    /// Fields of one header section.
    package var headerFields = 5_000
    /// Multiparts inside each other; deeper ones are leaves.
    package var depth = 50
    /// Parts of one message; what comes after them is not looked at.
    package var parts = 2_000
    /// Addresses of one field.
    package var addresses = 20_000
    /// Parameters of one field.
    package var parameters = 200
    /// Octets of a nested message that are looked at for its subject.
    package var nestedHeaderBytes = 64 << 10

    package init() {}

    package static let standard = MIMELimits()
}

/// Fixed bounds of the grammars, from the RFCs that state them.
enum Bounds {
    /// RFC 2046, section 5.1.1 says 70; real mailers write more.
    static let boundary = 256
    /// RFC 5322, section 2.1.1, without the CRLF.
    static let line = 998
    /// The line length we aim at, RFC 5322, section 2.1.1.
    static let foldedLine = 76
    /// RFC 5321, section 4.5.3.1.1.
    static let localPart = 64
    /// RFC 5321, section 4.5.3.1.2 and RFC 1035.
    static let domain = 253
    /// RFC 5321, section 4.5.3.1.3, without the angle brackets.
    static let mailbox = 254
    /// Characters of a file name that we hand out; longer ones break file systems (255 octets).
    static let fileName = 120
    /// How far into a preamble we look for a boundary that the Content-Type does not name.
    static let boundaryGuess = 4_096
}
