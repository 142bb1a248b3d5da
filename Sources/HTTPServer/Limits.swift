/// Bounds of the server that no setting changes.
enum Bound {
    /// Octets taken from the socket behind the last response of a connection, so that closing it does not reset it and
    /// destroy that response on its way.
    static let lingeringOctets = 1 << 20
}
