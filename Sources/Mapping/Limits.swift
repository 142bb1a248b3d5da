/// How much is looked at.
enum Limits {
    /// Octets of a header that a message of a maildrop is known again by: fewer than anybody reads of one.
    static let fingerprintOctets = 128 << 10
    /// Fields of one server in which it says what it found out about the sender.
    static let authenticationResults = 100
}
