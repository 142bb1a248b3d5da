package import Wire

/// PLAIN: authorization id, user name and password in one message (RFC 4616).
///
/// The strings go out as they were given: SASLprep is a server's business in practice, and preparing them here would lock
/// out accounts whose password was set unprepared.
package struct PLAIN: SASLMechanism {
    private let username: String
    private let password: Secret
    private let authorizationID: String
    package private(set) var isComplete = false

    package init(username: String, password: Secret, authorizationID: String = "") {
        self.username = username
        self.password = password
        self.authorizationID = authorizationID
    }

    package var name: String { "PLAIN" }
    package var revealsPassword: Bool { true }

    /// The whole message: `[authzid] NUL authcid NUL passwd`.
    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !username.isEmpty else { throw .emptyIdentity }
        guard [authorizationID, username, password.revealed].allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .forbiddenOctet
        }
        isComplete = true
        return Array(authorizationID.utf8) + [0] + Array(username.utf8) + [0] + password.utf8
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        throw .unexpectedChallenge
    }
}
