import IMAP

/// Takes what a FETCH brings as it comes, and hands it to somebody who may be slower than the server.
///
/// The reader waits in `flush`, so that nothing piles up. It belongs to the connection's actor.
class FetchDelivery {
    /// Why the consumer wants no more.
    var failure: (any Error)?
    /// The wait of the command that it belongs to.
    var wait: Int?

    var hasPending: Bool { false }

    func take(_ message: FetchedMessage) {}
    func takes(_ literal: LiteralContext) -> Bool { false }
    func take(chunk: [UInt8]) {}
    func flush() async throws {}
}

/// Hands over messages, as many at a time as one read brought.
final class MessageDelivery: FetchDelivery {
    typealias Consumer = @Sendable ([FetchedMessage]) async throws -> Void

    private var pending: [FetchedMessage] = []
    private let consumer: Consumer

    init(_ consumer: @escaping Consumer) { self.consumer = consumer }

    override var hasPending: Bool { !pending.isEmpty }

    override func take(_ message: FetchedMessage) { pending.append(message) }

    override func flush() async throws {
        let batch = pending
        pending = []
        try await consumer(batch)
    }
}

/// Hands over the octets of one section of one message.
final class SectionDelivery: FetchDelivery {
    typealias Consumer = @Sendable ([UInt8]) async throws -> Void

    /// Octets so far; nil where the server sent nothing of the section.
    private(set) var count: Int?
    private let uid: UInt32
    private let section: Section
    private let consumer: Consumer
    private var pending: [[UInt8]] = []

    init(uid: UInt32, section: Section, _ consumer: @escaping Consumer) {
        self.uid = uid
        self.section = section
        self.consumer = consumer
    }

    override var hasPending: Bool { !pending.isEmpty }

    /// A small section comes as a value; of a large one only its size is left here.
    override func take(_ message: FetchedMessage) {
        for section in message.sections where section.section == self.section {
            switch section.data {
            case .bytes(let bytes): take(chunk: bytes)
            case .streamed(let size): count = count ?? size
            case .absent: break
            }
        }
    }

    /// A server that sends UID after the section can only mean the one message that was asked for.
    override func takes(_ literal: LiteralContext) -> Bool {
        literal.section == section && (literal.uid == nil || literal.uid == uid)
    }

    override func take(chunk: [UInt8]) {
        count = (count ?? 0) + chunk.count
        pending.append(chunk)
    }

    override func flush() async throws {
        let chunks = pending
        pending = []
        for chunk in chunks where !chunk.isEmpty { try await consumer(chunk) }
    }
}
