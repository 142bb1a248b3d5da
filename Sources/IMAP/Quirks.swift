/// The deviations from the grammar that we live with, each with the server that made us do it.
///
/// A response that needed one is parsed all the same and says so in `FetchedMessage.quirks`.
package struct Quirks: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// More than one space, or one before a closing parenthesis.
    ///
    /// Exchange 2010, Yahoo, Domino.
    package static let extraSpaces = Quirks(rawValue: 1 << 0)
    /// No space between items.
    ///
    /// Gmail after a literal, MailEnable.
    package static let missingSpace = Quirks(rawValue: 1 << 1)
    /// Octets that are not UTF-8 in a string; they became U+FFFD.
    ///
    /// Dovecot hands raw 8-bit headers through.
    package static let notUTF8 = Quirks(rawValue: 1 << 2)
    /// NIL where a string must be (a subtype, an encoding, a size).
    ///
    /// Exchange, GroupWise.
    package static let unexpectedNIL = Quirks(rawValue: 1 << 3)
    /// A text part without its line count.
    ///
    /// Courier, Lotus Domino, BlueMind.
    package static let missingLineCount = Quirks(rawValue: 1 << 4)
    /// message/rfc822 without envelope, body and lines.
    ///
    /// Gmail for an encoded attachment, Exchange.
    package static let missingEmbeddedMessage = Quirks(rawValue: 1 << 5)
    /// A multipart without parts.
    ///
    /// Zimbra, iCloud for empty multiparts.
    package static let emptyMultipart = Quirks(rawValue: 1 << 6)
    /// `()` where NIL is the empty address list.
    ///
    /// Coremail (163.com), Lark.
    package static let emptyAddressList = Quirks(rawValue: 1 << 7)
    /// An atom or a number where a string must be.
    ///
    /// hMailServer, Domino.
    package static let bareAtom = Quirks(rawValue: 1 << 8)
    /// A string where a number must be, or a negative one.
    ///
    /// Exchange sends `-1` for unknown sizes.
    package static let badNumber = Quirks(rawValue: 1 << 9)
    /// A date-time with missing or doubled blanks, or without a zone.
    ///
    /// Domino, MDaemon.
    package static let looseDate = Quirks(rawValue: 1 << 10)
    /// A bare line feed in a quoted string.
    ///
    /// Domino, some Courier versions.
    package static let bareLineFeed = Quirks(rawValue: 1 << 11)
    /// Fewer fields than the grammar wants, closed early.
    ///
    /// BlueMind, dbmail.
    package static let shortList = Quirks(rawValue: 1 << 12)
    /// NUL octets before a response.
    ///
    /// Seen by ImapFlow on an unnamed server.
    package static let leadingNUL = Quirks(rawValue: 1 << 13)
    /// A continuation request that is a single `+` without its space.
    ///
    /// Seen on several small servers.
    package static let barePlus = Quirks(rawValue: 1 << 14)
    /// A backslash in a quoted string before another character than `"` and `\`.
    ///
    /// Exchange.
    package static let badEscape = Quirks(rawValue: 1 << 15)
}
