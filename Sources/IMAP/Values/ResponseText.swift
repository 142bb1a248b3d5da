/// resp-text: a code for programs and a text for people.
package struct ResponseText: Sendable, Equatable {
    package var code: ResponseCode?
    package var text: String

    package init(code: ResponseCode? = nil, text: String = "") {
        self.code = code
        self.text = text
    }
}

extension ResponseText {
    /// How long the server asks to be left alone: Microsoft's `Request is throttled. Suggested Backoff Time: 89117 milliseconds`.
    ///
    /// Five minutes at most, whatever it says.
    package var backOff: Duration? {
        let words = text.lowercased().split(separator: " ")
        guard let unit = words.firstIndex(where: { $0.hasPrefix("milliseconds") }), unit > 1,
            words[..<unit].contains(where: { $0.hasPrefix("backoff") }), let pause = Int(words[unit - 1]), pause >= 0
        else { return nil }
        return .milliseconds(min(pause, 300_000))
    }
}

/// The first word of a status response.
package enum ResponseCondition: Sendable, Equatable {
    case ok
    case no
    case bad
    case preAuthenticated
    case bye
}

/// resp-text-code: RFC 9051 7.1, RFC 5530, UIDPLUS, CONDSTORE, OBJECTID; the rest is kept in `other`.
package enum ResponseCode: Sendable, Equatable {
    case alert
    case badCharset([String])
    case capability(CapabilitySet)
    case parse
    case permanentFlags([Flag])
    case readOnly
    case readWrite
    case tryCreate
    case uidNext(UInt32)
    case uidValidity(UInt32)
    case unseen(UInt32)
    case appendUID(validity: UInt32, uids: [ClosedRange<UInt32>])
    case copyUID(CopiedUIDs)
    case uidNotSticky
    case closed
    case highestModificationSequence(UInt64)
    case noModificationSequence
    case modified(NumberSet)
    case mailboxID(String)
    case unavailable
    case authenticationFailed
    case authorizationFailed
    case expired
    case privacyRequired
    case contactAdmin
    case noPermission
    case inUse
    case expungeIssued
    case corruption
    case serverBug
    case clientBug
    case cannot
    case limit
    case overQuota
    case alreadyExists
    case nonExistent
    case hasChildren
    case tooBig
    case notSaved
    case unknownCTE
    case compressionActive
    case useAttribute
    /// RFC 9585: the command that runs is getting on; no tag where the server names none.
    case inProgress(tag: String?, done: UInt64?, goal: UInt64?)
    /// RFC 5465: too many changes; from now on only what IDLE would tell.
    case notificationOverflow
    case badEvent
    /// RFC 9738: so many messages were done, those from the UID on were not.
    case messageLimit(UInt32, lowestUnprocessed: UInt32?)
    /// RFC 9586: sequence numbers are switched off.
    case uidRequired
    case other(name: String, value: String?)
}

/// COPYUID of RFC 4315: the n-th source became the n-th destination, in the order the server wrote them.
package struct CopiedUIDs: Sendable, Equatable {
    package var validity: UInt32
    package var source: [ClosedRange<UInt32>]
    package var destination: [ClosedRange<UInt32>]

    package init(validity: UInt32, source: [ClosedRange<UInt32>], destination: [ClosedRange<UInt32>]) {
        self.validity = validity
        self.source = source
        self.destination = destination
    }

    /// Old and new UID in pairs; nil where the two sides differ in length or are absurdly long.
    package func pairs(limit: Int = IMAPLimits().expandedNumbers) -> [(source: UInt32, destination: UInt32)]? {
        let sources = source.reduce(0) { $0 + $1.count }
        guard sources <= limit, sources == destination.reduce(0, { $0 + $1.count }) else { return nil }
        return zip(source.joined(), destination.joined()).map { (source: $0, destination: $1) }
    }
}

extension ResponseCode {
    /// The word on the wire, for people and logs.
    package var name: String {
        switch self {
        case .alert: "ALERT"
        case .badCharset: "BADCHARSET"
        case .capability: "CAPABILITY"
        case .parse: "PARSE"
        case .permanentFlags: "PERMANENTFLAGS"
        case .readOnly: "READ-ONLY"
        case .readWrite: "READ-WRITE"
        case .tryCreate: "TRYCREATE"
        case .uidNext: "UIDNEXT"
        case .uidValidity: "UIDVALIDITY"
        case .unseen: "UNSEEN"
        case .appendUID: "APPENDUID"
        case .copyUID: "COPYUID"
        case .uidNotSticky: "UIDNOTSTICKY"
        case .closed: "CLOSED"
        case .highestModificationSequence: "HIGHESTMODSEQ"
        case .noModificationSequence: "NOMODSEQ"
        case .modified: "MODIFIED"
        case .mailboxID: "MAILBOXID"
        case .unavailable: "UNAVAILABLE"
        case .authenticationFailed: "AUTHENTICATIONFAILED"
        case .authorizationFailed: "AUTHORIZATIONFAILED"
        case .expired: "EXPIRED"
        case .privacyRequired: "PRIVACYREQUIRED"
        case .contactAdmin: "CONTACTADMIN"
        case .noPermission: "NOPERM"
        case .inUse: "INUSE"
        case .expungeIssued: "EXPUNGEISSUED"
        case .corruption: "CORRUPTION"
        case .serverBug: "SERVERBUG"
        case .clientBug: "CLIENTBUG"
        case .cannot: "CANNOT"
        case .limit: "LIMIT"
        case .overQuota: "OVERQUOTA"
        case .alreadyExists: "ALREADYEXISTS"
        case .nonExistent: "NONEXISTENT"
        case .hasChildren: "HASCHILDREN"
        case .tooBig: "TOOBIG"
        case .notSaved: "NOTSAVED"
        case .unknownCTE: "UNKNOWN-CTE"
        case .compressionActive: "COMPRESSIONACTIVE"
        case .useAttribute: "USEATTR"
        case .inProgress: "INPROGRESS"
        case .notificationOverflow: "NOTIFICATIONOVERFLOW"
        case .badEvent: "BADEVENT"
        case .messageLimit: "MESSAGELIMIT"
        case .uidRequired: "UIDREQUIRED"
        case .other(let name, _): name
        }
    }
}
