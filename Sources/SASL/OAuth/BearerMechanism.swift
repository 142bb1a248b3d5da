package import Wire

/// OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2, which Google and Microsoft speak: an access token in one message.
///
/// A server that refuses first says why in a challenge, which must be answered, and then fails the command: `refusal`
/// has what it said.
package struct BearerMechanism: SASLMechanism {
    /// Which of the two.
    package enum Kind: Sendable {
        /// `host` and `port` are those that the account names (RFC 7628 section 3.1).
        case oauthBearer(host: String, port: UInt16)
        case xoauth2
    }

    private let kind: Kind
    private let username: String
    private let token: Secret
    package private(set) var isComplete = false
    package private(set) var refusal: SASLRefusal?

    package init(_ kind: Kind, username: String, token: Secret) {
        self.kind = kind
        self.username = username
        self.token = token
    }

    package var name: String {
        switch kind {
        case .oauthBearer: "OAUTHBEARER"
        case .xoauth2: "XOAUTH2"
        }
    }

    /// Whoever hears a bearer token has it.
    package var revealsPassword: Bool { true }

    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !username.isEmpty else { throw .emptyIdentity }
        guard !username.utf8.contains(where: { $0 < 0x20 }),
            token.revealed.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .forbiddenOctet }
        isComplete = true
        let message =
            switch kind {
            case .oauthBearer(let host, let port):
                "n,a=\(username.replacing("=", with: "=3D").replacing(",", with: "=2C")),\u{1}host=\(host)\u{1}port=\(port)"
                    + "\u{1}auth=Bearer \(token.revealed)\u{1}\u{1}"
            case .xoauth2: "user=\(username)\u{1}auth=Bearer \(token.revealed)\u{1}\u{1}"
            }
        return Array(message.utf8)
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        guard refusal == nil else { throw .unexpectedChallenge }
        refusal = SASLRefusal(json: challenge)
        // A success that follows a refusal is none.
        isComplete = false
        return switch kind {
        case .oauthBearer: [0x01]
        case .xoauth2: []
        }
    }
}
