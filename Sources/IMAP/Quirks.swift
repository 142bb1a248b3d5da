/// The deviations from the grammar that we live with, each with the server that made us do it.
///
/// A response that needed one is parsed all the same and says so in `FetchedMessage.quirks`.
package struct Quirks: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Outlook.com puts spaces between addresses (ruby/net-imap#240).
    package static let extraSpaces = Quirks(rawValue: 1 << 0)
    /// No space where the grammar has one and nothing else can be meant; no server known by name.
    package static let missingSpace = Quirks(rawValue: 1 << 1)
    /// Octets that are not UTF-8 became U+FFFD: Dovecot hands raw 8-bit headers through (Fixtures/dovecot.transcript).
    package static let notUTF8 = Quirks(rawValue: 1 << 2)
    /// DavMail sends NIL for a subtype, an encoding or a size (mguessan/davmail#239).
    package static let unexpectedNIL = Quirks(rawValue: 1 << 3)
    /// Migadu's server leaves out the line count of a text part (migadu/alps#45).
    package static let missingLineCount = Quirks(rawValue: 1 << 4)
    /// DavMail sends message/rfc822 without envelope and body (mguessan/davmail#239).
    package static let missingEmbeddedMessage = Quirks(rawValue: 1 << 5)
    /// Gmail's multipart without parts: `("ALTERNATIVE")` (jstedfast/MailKit#1841, emersion/go-imap#701).
    package static let emptyMultipart = Quirks(rawValue: 1 << 6)
    /// Mail.ru and Hydroxide send `()` for an empty address list (apple/swift-nio-imap#821, emersion/hydroxide#98).
    package static let emptyAddressList = Quirks(rawValue: 1 << 7)
    /// An atom where a string must be; no server known by name.
    package static let bareAtom = Quirks(rawValue: 1 << 8)
    /// A quoted or negative number; no server known by name.
    package static let badNumber = Quirks(rawValue: 1 << 9)
    /// Date-times with odd blanks or without a zone, as ImapFlow met them.
    package static let looseDate = Quirks(rawValue: 1 << 10)
    /// A bare line feed in a quoted string; no server known by name, and a way to forge responses if taken as a line end.
    package static let bareLineFeed = Quirks(rawValue: 1 << 11)
    /// DBMail and BlueMind close a list before its last field (dbmail/dbmail#24).
    package static let shortList = Quirks(rawValue: 1 << 12)
    /// NUL octets before a response, as ImapFlow met them.
    package static let leadingNUL = Quirks(rawValue: 1 << 13)
    /// A continuation request that is a single `+`, as ImapFlow met it.
    package static let barePlus = Quirks(rawValue: 1 << 14)
    /// A backslash in a quoted string before a character that needs none; no server known by name.
    package static let badEscape = Quirks(rawValue: 1 << 15)
    /// Exchange writes a disposition as a string instead of a list (jstedfast/MailKit#919).
    package static let bareDisposition = Quirks(rawValue: 1 << 16)
    /// Mail.ru appends a second body structure after the first (mscdex/node-imap#904).
    package static let strayList = Quirks(rawValue: 1 << 17)
    /// Exchange's last words without `* BYE`: `Server Unavailable. 15` (nodemailer's ImapFlow).
    package static let bareUnavailable = Quirks(rawValue: 1 << 18)
    /// Coremail quotes quotation marks without escaping them: `""""` (emersion/go-imap#659).
    package static let unescapedQuote = Quirks(rawValue: 1 << 19)
    /// A UIDVALIDITY of 64 bits, as ImapFlow met it: folded, so that a change still shows.
    package static let wideUIDValidity = Quirks(rawValue: 1 << 20)
    /// `[`, `]`, `<`, `>`, `%` or `*` in an atom: keywords of Thunderbird's users, `$Label[1]`.
    package static let specialsInAtom = Quirks(rawValue: 1 << 21)
}
