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
    /// The server's proof is wrong: it does not know the password, so it is not who we think it is.
    case serverNotProved
    /// SCRAM rounds outside `SASLLimits.iterations`: too few protect nothing, too many are an attack on us.
    case unsafeIterations(Int)
    /// The mechanism itself says that the server refuses.
    case refused(SASLRefusal)
    /// Server and client have no mechanism in common; `offered` is what the server listed.
    case noCommonMechanism(offered: [String])
    /// Only mechanisms that show the password are possible, the connection is not encrypted, and nobody allowed that.
    case refusedInClear
}
