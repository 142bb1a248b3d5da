/// Why an authentication could not go on, as far as the mechanism can tell; a refused password is the protocol's reply.
package enum SASLError: Error, Equatable, Sendable {
    /// NUL in a user name or password: PLAIN uses it as separator (RFC 4616), and no server could mean it.
    case forbiddenOctet
    /// The user name is empty.
    case emptyIdentity
    /// The server asked once more when the mechanism had nothing left to say.
    case unexpectedChallenge
    /// More rounds than `SASLLimits.maximumChallenges`.
    case tooManyChallenges
    /// A challenge that is not base64, too long, or does not follow the mechanism's grammar.
    case malformedChallenge
    /// The server said success before the mechanism had finished: it may not be the server we think it is.
    case prematureSuccess
    /// Server and client have no mechanism in common; `offered` is what the server listed.
    case noCommonMechanism(offered: [String])
    /// Only mechanisms that show the password are possible, the connection is not encrypted, and nobody allowed that.
    case refusedInClear
}
