package import MIME
import Synchronization

/// A message that was read from a maildrop: whole where it is small, else as what tells its parts.
package struct MaildropContent: Sendable {
    /// Of the message, or of its skeleton: then contents are to be had by `range(of:)` alone.
    package let parsed: ParsedMessage
    private let skeleton: MessageSkeleton?
    /// Octets.
    package let size: Int

    /// Whether `parsed` has the contents too.
    package var isWhole: Bool { skeleton == nil }

    /// Where the encoded content of a part lies in the message.
    package func range(of part: MessagePart) -> Range<Int> { skeleton?.range(of: part) ?? part.bodyRange }

    /// All parts with the sizes that they have in the message.
    package var root: PartNode {
        guard !isWhole else { return parsed.root }
        let sizes = Dictionary(
            parsed.parts.map { ($0.node.number, range(of: $0).count) }, uniquingKeysWith: { first, _ in first })
        func sized(_ node: PartNode) -> PartNode {
            var node = node
            node.size = sizes[node.number] ?? node.size
            node.children = node.children.map(sized)
            return node
        }
        return sized(parsed.root)
    }

    fileprivate init(whole octets: [UInt8]) {
        parsed = ParsedMessage(parsing: octets)
        skeleton = nil
        size = octets.count
    }

    fileprivate init(_ skeleton: MessageSkeleton) {
        var skeleton = skeleton
        size = skeleton.size
        parsed = skeleton.parse()
        self.skeleton = skeleton
    }
}

/// Collects a message up to a limit, and what tells its parts for the case that it is larger.
private struct ContentCollector {
    let limit: Int
    var octets: [UInt8] = []
    var skeleton = MessageSkeleton(limit: Limits.skeletonOctets)

    mutating func add(_ more: [UInt8]) {
        skeleton.add(more)
        guard skeleton.size <= limit else {
            octets = []
            return
        }
        octets += more
    }

    var content: MaildropContent {
        skeleton.size <= limit ? MaildropContent(whole: octets) : MaildropContent(skeleton)
    }
}

extension POP3Lease {
    /// Reads a message of any size without holding more than `limit` of it; nil where the server does not give it.
    package func content(of number: Int, holding limit: Int) async throws -> MaildropContent? {
        let collector = Mutex(ContentCollector(limit: limit))
        let isThere = try await retrieve(number) { octets in collector.withLock { $0.add(octets) } }
        return isThere ? collector.withLock { $0.content } : nil
    }

    /// Reads pieces of a message; what lies between them is not held.
    ///
    /// Nil where the server does not give it.
    package func pieces(_ ranges: [Range<Int>], of number: Int) async throws -> [[UInt8]]? {
        let state = Mutex((offset: 0, pieces: [[UInt8]](repeating: [], count: ranges.count)))
        let isThere = try await retrieve(number) { octets in
            state.withLock { state in
                for (index, range) in ranges.enumerated() {
                    state.pieces[index] += octets.piece(of: range, at: state.offset)
                }
                state.offset += octets.count
            }
        }
        return isThere ? state.withLock { $0.pieces } : nil
    }

    /// Streams a range of a message's octets into the sink; false where the server does not give the message.
    package func stream(
        _ range: Range<Int>?, of number: Int, _ sink: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Bool {
        guard let range else { return try await retrieve(number, sink) }
        let offset = Atomic(0)
        return try await retrieve(number) { octets in
            let start = offset.add(octets.count, ordering: .relaxed).oldValue
            let piece = octets.piece(of: range, at: start)
            if !piece.isEmpty { try await sink(piece) }
        }
    }
}

extension [UInt8] {
    /// What of these octets, which begin at `offset` of a message, lies in `range` of it.
    package func piece(of range: Range<Int>, at offset: Int) -> [UInt8] {
        let lower = Swift.max(range.lowerBound - offset, 0)
        let upper = Swift.min(range.upperBound - offset, count)
        return lower < upper ? Array(self[lower..<upper]) : []
    }
}
