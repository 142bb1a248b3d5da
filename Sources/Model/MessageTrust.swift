/// What the receiving server found out about who a message is from (RFC 8601), as far as the account believes it.
package struct AuthenticationReport: Sendable, Equatable {
    /// Whose word it is.
    package var authority: String
    /// Whether that server is believed because it is the account's own, or because the account names it.
    package var isLearned: Bool
    package var results: [AuthenticationResult]

    package init(authority: String, isLearned: Bool, results: [AuthenticationResult]) {
        self.authority = authority
        self.isLearned = isLearned
        self.results = results
    }
}

/// One method's result, in the words of RFC 8601 and of IANA's registry; all in lower case but what properties say.
package struct AuthenticationResult: Sendable, Equatable {
    /// Such as `dkim`, `spf` or `dmarc`.
    package var method: String
    /// Such as `pass`, `fail` or `none`.
    package var result: String
    package var reason: String?
    /// `ptype.property`, such as `header.d`, with what it says.
    package var properties: [(name: String, value: String)]

    package init(
        method: String, result: String, reason: String? = nil, properties: [(name: String, value: String)] = []
    ) {
        self.method = method
        self.result = result
        self.reason = reason
        self.properties = properties
    }

    package static func == (left: AuthenticationResult, right: AuthenticationResult) -> Bool {
        left.method == right.method && left.result == right.result && left.reason == right.reason
            && left.properties.elementsEqual(right.properties) { $0 == $1 }
    }
}

/// What our own look at a DKIM signature found out (RFC 6376).
package struct SignatureVerdict: Sendable, Equatable {
    /// A word of RFC 8601, section 2.7.1.
    package var result: String
    /// Why it is not `pass`.
    package var reason: String?
    package var domain: String?
    package var selector: String?
    package var identity: String?
    package var algorithm: String?
    /// Names of the fields that it covers, lower case.
    package var signedFields: [String]
    /// Octets at the end of the body that it does not cover.
    package var unsignedOctets: Int
    package var signedAt: Timestamp?
    package var expiresAt: Timestamp?
    package var isTesting: Bool

    package init(
        result: String, reason: String? = nil, domain: String? = nil, selector: String? = nil,
        identity: String? = nil, algorithm: String? = nil, signedFields: [String] = [], unsignedOctets: Int = 0,
        signedAt: Timestamp? = nil, expiresAt: Timestamp? = nil, isTesting: Bool = false
    ) {
        self.result = result
        self.reason = reason
        self.domain = domain
        self.selector = selector
        self.identity = identity
        self.algorithm = algorithm
        self.signedFields = signedFields
        self.unsignedOctets = unsignedOctets
        self.signedAt = signedAt
        self.expiresAt = expiresAt
        self.isTesting = isTesting
    }
}

/// The list that a message came over (RFC 2919), and how one leaves it (RFC 2369, RFC 8058).
package struct MailingList: Sendable, Equatable {
    /// Without angle brackets.
    package var id: String?
    package var name: String?
    /// `https:`, `http:` and `mailto:` addresses, in the order in which the list prefers them.
    package var unsubscribe: [String]
    /// Where a POST of `List-Unsubscribe=One-Click` unsubscribes.
    package var oneClick: String?

    package init(id: String? = nil, name: String? = nil, unsubscribe: [String] = [], oneClick: String? = nil) {
        self.id = id
        self.name = name
        self.unsubscribe = unsubscribe
        self.oneClick = oneClick
    }
}

/// A part of a message that is signed or encrypted; recognised, not opened.
package struct MessageProtection: Sendable, Equatable {
    /// By what.
    package enum Standard: String, Sendable {
        /// RFC 8551.
        case smime
        /// RFC 3156, or text of RFC 9580 in a body.
        case openpgp
    }

    /// How.
    package enum Kind: String, Sendable {
        case signed
        case encrypted
        case compressed
        /// Certificates or public keys alone.
        case keys
        /// Signed or encrypted: which of them, only its inside tells.
        case unknown
    }

    package var standard: Standard
    package var kind: Kind
    /// The part that is protected; nil for text in a body.
    package var part: PartID?
    /// The part that holds the detached signature.
    package var signature: PartID?

    package init(_ standard: Standard, _ kind: Kind, part: PartID? = nil, signature: PartID? = nil) {
        self.standard = standard
        self.kind = kind
        self.part = part
        self.signature = signature
    }
}
