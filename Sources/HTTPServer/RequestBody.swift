import HTTP
import Synchronization

/// Where a request body's octets come from: a connection, or a test's bytes.
package protocol RequestBodySource: Sendable {
    /// Nil at the end. Octets are read from the socket only when they are asked for here: that is the backpressure.
    func nextPart(exchange: Int) async throws -> [UInt8]?
}

/// The content of a request, read at the handler's pace; what it does not read the server drains or cuts off.
///
/// `100 Continue` is sent when a handler first asks for octets, so a request refused before that costs no upload.
package struct RequestBody: Sendable {
    /// What the client announced; nil for a chunked body.
    package let length: Int?
    private let source: (any RequestBodySource)?
    private let exchange: Int

    /// No content.
    package static let empty = RequestBody(length: 0, source: nil, exchange: 0)

    package init(length: Int?, source: (any RequestBodySource)?, exchange: Int) {
        self.length = length
        self.source = source
        self.exchange = exchange
    }

    /// A body that is there already, in pieces of `pieceSize`: for tests.
    package init(_ bytes: [UInt8], pieceSize: Int = 16 * 1024) {
        self.init(length: bytes.count, source: Pieces(bytes, pieceSize), exchange: 0)
    }

    package var isEmpty: Bool { length == 0 }

    /// The next octets, as they arrive; nil at the end.
    ///
    /// - Throws: `HTTPRefusal` where the client is too slow or breaks the framing, `HTTPServerError` where it is gone.
    package func next() async throws -> [UInt8]? {
        guard let source, length != 0 else { return nil }
        return try await source.nextPart(exchange: exchange)
    }

    /// The whole body.
    ///
    /// - Throws: `HTTPRefusal.bodyTooLarge` as soon as that is known; where the length was announced, before a single
    ///   octet was read.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        if let length, length > limit { throw HTTPRefusal.bodyTooLarge(limit: limit) }
        guard var whole = try await next() else { return [] }
        if let length { whole.reserveCapacity(min(length, 1 << 20)) }
        while whole.count <= limit, let part = try await next() { whole.append(contentsOf: part) }
        guard whole.count <= limit else { throw HTTPRefusal.bodyTooLarge(limit: limit) }
        return whole
    }
}

private final class Pieces: RequestBodySource {
    private let rest: Mutex<ArraySlice<UInt8>>
    private let size: Int

    init(_ bytes: [UInt8], _ size: Int) {
        rest = Mutex(bytes[...])
        self.size = size
    }

    func nextPart(exchange: Int) async throws -> [UInt8]? {
        rest.withLock { rest in
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }
}
