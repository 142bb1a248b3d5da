/// What a stranger's message may cost.
package enum DKIMLimits {
    /// Signatures of one message that are checked; further ones are left alone (RFC 6376, 8.4).
    package static let signatures = 5
    /// Octets of the header that are looked at.
    package static let header = 1 << 20
    /// Octets of a name in DNS (RFC 1035, 2.3.4).
    static let name = 253
    /// Octets of one key record.
    static let record = 8192
    /// Tags of a signature or key record; the standards have 14 and 8.
    static let tags = 64
    /// Names in `h=`.
    static let signedFields = 500
    /// RSA keys below are no proof of anything (RFC 8301, 3.2).
    static let leastBits = 1024
}
