/// The octets of a message to send: with any line ends, not dot-stuffed.
package enum SMTPContent: Sendable {
    case bytes([UInt8])
    /// Asked for the next piece until it gives nil, or throws, which ends the attempt before the server can accept it.
    case chunks(@Sendable () async throws -> [UInt8]?)
}
