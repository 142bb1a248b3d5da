/// Why a message cannot be written, with the member that is to blame: `subject`, `to/2/email`, `headers/X-Foo`.
package enum ComposeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// CR, LF, NUL or another control character: what header injection is made of.
    case controlCharacter(member: String)
    /// Not a mailbox of RFC 5321/6531.
    case invalidAddress(member: String, AddressFault)
    /// Not a field name of RFC 5322, section 2.2.
    case invalidHeaderName(member: String)
    /// The composer writes this field itself.
    case reservedHeader(member: String)
    /// Not a `msg-id` of RFC 5322.
    case invalidMessageID(member: String)
    /// Not `type/subtype`, or a multipart.
    case invalidMediaType(member: String)
    /// No `from` at all, or several without a `sender` (RFC 5322, section 3.6.2).
    case missing(member: String)
    /// Outside the years that RFC 5322 can write.
    case invalidDate(member: String)

    package var member: String {
        switch self {
        case .controlCharacter(let member), .invalidAddress(let member, _), .invalidHeaderName(let member),
            .reservedHeader(let member), .invalidMessageID(let member), .invalidMediaType(let member),
            .missing(let member), .invalidDate(let member):
            member
        }
    }

    /// Fixed texts, fit for a user.
    package var reason: String {
        switch self {
        case .controlCharacter: "contains a line break or another control character"
        case .invalidAddress(_, let fault): fault.reason
        case .invalidHeaderName: "is not a header field name"
        case .reservedHeader: "is written by the server itself and cannot be given here"
        case .invalidMessageID: "is not a message id"
        case .invalidMediaType: "is not a media type"
        case .missing: "is missing"
        case .invalidDate: "is not a date that a message can carry"
        }
    }

    package var description: String { "\(member) \(reason)" }
}

/// Why a text is no address.
package enum AddressFault: Error, Equatable, Sendable {
    case empty
    case missingAt
    case invalidLocalPart
    case localPartTooLong
    case invalidDomain
    case tooLong
    case controlCharacter

    package var reason: String {
        switch self {
        case .empty: "is empty"
        case .missingAt: "is no address: it has no @"
        case .invalidLocalPart: "is no address: what stands before the @ is not valid"
        case .localPartTooLong: "is no address: what stands before the @ is longer than 64 octets"
        case .invalidDomain: "is no address: its domain is not valid"
        case .tooLong: "is no address: it is longer than 254 octets"
        case .controlCharacter: "contains a control character"
        }
    }
}
