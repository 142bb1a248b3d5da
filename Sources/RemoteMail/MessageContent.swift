/// Octets of a message or attachment that flow from the mail server to the reader without being held.
package struct MessageContent: Sendable {
    /// Exact octets, where known before reading.
    package var size: Int?
    /// Whether a range can be had, once `size` was asked for.
    package var acceptsRanges: Bool
    /// Media type with parameters, ready for `Content-Type`.
    package var type: String
    package var name: String?
    /// Never changes for the same octets: the strong entity tag, without quotes.
    package var tag: String
    /// Streams `range` (all where nil; a range needs `size`) into the sink, which may suspend: backpressure reaches the
    /// mail server.
    package var stream:
        @Sendable (_ range: Range<Int>?, _ sink: @escaping @Sendable ([UInt8]) async throws -> Void) async throws ->
            Void

    package init(
        size: Int?, acceptsRanges: Bool? = nil, type: String, name: String?, tag: String,
        stream:
            @escaping @Sendable (Range<Int>?, @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void
    ) {
        self.size = size
        self.acceptsRanges = acceptsRanges ?? (size != nil)
        self.type = type
        self.name = name
        self.tag = tag
        self.stream = stream
    }
}
