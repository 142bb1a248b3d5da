/// Where a streamed body's octets go: a connection, or a test's collector.
package protocol ResponseSink: Sendable {
    /// Returns when the octets are accepted for sending, which is what gives backpressure.
    func write(_ chunks: [[UInt8]], exchange: Int) async throws
}

/// Writes a streamed response body, with backpressure: a write waits while the client does not read.
package struct ResponseWriter: Sendable {
    private let sink: any ResponseSink
    private let exchange: Int

    package init(sink: any ResponseSink, exchange: Int) {
        self.sink = sink
        self.exchange = exchange
    }

    /// Sends `bytes`; without a known length they become one chunk.
    package func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await sink.write([bytes], exchange: exchange)
    }

    /// Sends several pieces as one, without joining them first.
    package func write(_ chunks: [[UInt8]]) async throws {
        let chunks = chunks.contains(where: \.isEmpty) ? chunks.filter { !$0.isEmpty } : chunks
        guard !chunks.isEmpty else { return }
        try await sink.write(chunks, exchange: exchange)
    }
}

extension HTTPResponseBody {
    /// All octets of the body, for tests.
    package func collect() async throws -> [UInt8] {
        switch self {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .stream(let length, let write):
            let collector = Collector()
            try await write(ResponseWriter(sink: collector, exchange: 0))
            let bytes = await collector.bytes
            guard length == nil || length == bytes.count else { throw HTTPServerError.lengthMismatch }
            return bytes
        }
    }
}

private actor Collector: ResponseSink {
    private(set) var bytes: [UInt8] = []

    func write(_ chunks: [[UInt8]], exchange: Int) {
        for chunk in chunks { bytes.append(contentsOf: chunk) }
    }
}
