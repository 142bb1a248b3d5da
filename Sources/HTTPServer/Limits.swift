/// Bounds of the server that no setting changes.
enum Bound {
    /// Octets taken from the socket behind the last response of a connection, so that closing it does not reset it and
    /// destroy that response on its way.
    static let lingeringOctets = 1 << 20
    /// Content up to this size is copied behind its head: one buffer, one system call.
    static let joinedContent = 16 * 1024
    /// What a response head usually needs.
    static let headCapacity = 512
    /// Octets of a response that must go out within one write time-out.
    static let writePortion = 64 * 1024
    /// Octets of a request body given to a handler at once.
    static let bodyPart = 64 * 1024
    /// Connections over the limit that are told so at one time; more are just closed.
    static let refusals = 256
}
