/// EXTERNAL: who we are, the server knows from the TLS client certificate (RFC 4422, appendix A).
package struct EXTERNAL: SASLMechanism {
    private let authorizationID: String
    package private(set) var isComplete = false

    /// An empty `authorizationID` is whoever the certificate names.
    package init(authorizationID: String) { self.authorizationID = authorizationID }

    package var name: String { "EXTERNAL" }
    package var revealsPassword: Bool { false }

    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !authorizationID.utf8.contains(0) else { throw .forbiddenOctet }
        isComplete = true
        return Array(authorizationID.utf8)
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        // Some servers ask although the answer came with the command; it is the same.
        guard challenge.isEmpty else { throw .unexpectedChallenge }
        return Array(authorizationID.utf8)
    }
}
