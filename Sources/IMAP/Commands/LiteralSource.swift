/// Octets of a literal that are written as they are read, and held nowhere.
package struct LiteralSource: Sendable {
    /// Octets in all.
    package let size: Int
    /// Gives the next of them, nil after the last; an error ends the connection, as a literal cannot be taken back.
    package let next: @Sendable () async throws -> [UInt8]?

    package init(size: Int, next: @escaping @Sendable () async throws -> [UInt8]?) {
        self.size = size
        self.next = next
    }
}

/// A piece of a command: each but the first is sent when the server asks for it.
package struct CommandSegment: Sendable {
    /// Written before the octets.
    package var source: LiteralSource?
    package var octets: [UInt8] = []
}
