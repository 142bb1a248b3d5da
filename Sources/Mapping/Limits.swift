/// How much is looked at.
enum Limits {
    /// Octets of a header that a message of a maildrop is known again by: fewer than anybody reads of one.
    static let fingerprintOctets = 128 << 10
    /// Fields of one server in which it says what it found out about the sender.
    static let authenticationResults = 100
    /// Servers that a message has passed; with more it runs in circles (RFC 5321, 6.3).
    static let traces = 100
    /// Octets that are read of what one of them wrote.
    static let traceOctets = 2000
}
