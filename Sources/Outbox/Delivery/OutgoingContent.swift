import Store

/// A stored message on its way out; tells the store that the outcome is in doubt before the last octet can go.
actor OutgoingContent {
    private var reader: ContentReader
    private let beforeEnd: @Sendable () async throws -> Void

    init(_ reader: ContentReader, beforeEnd: @escaping @Sendable () async throws -> Void) {
        self.reader = reader
        self.beforeEnd = beforeEnd
    }

    /// The next piece; nil at the end, which is what lets the final dot be written.
    ///
    /// Where the store cannot be told, this throws, the dot is withheld, and the attempt did not happen.
    func next() async throws -> [UInt8]? {
        var reader = reader
        let chunk = try await reader.next()
        self.reader = reader
        if chunk == nil { try await beforeEnd() }
        return chunk
    }
}
