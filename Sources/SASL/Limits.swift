/// What a server may make us do during one authentication.
package enum SASLLimits {
    /// SCRAM takes two challenges, LOGIN two; a server that keeps asking is broken or plays with us.
    package static let maximumChallenges = 16
    /// Decoded octets of one challenge: RFC 4954 asks for 12,288 octets of line, because of Kerberos tickets.
    package static let maximumChallengeOctets = 12_288
    /// Rounds of SCRAM: RFC 5802 section 5.1 wants 4096 at least; each million costs us a good part of a second.
    package static let iterations = 4096...600_000
    /// Octets of a server's reason that are kept.
    package static let refusalText = 200
}
