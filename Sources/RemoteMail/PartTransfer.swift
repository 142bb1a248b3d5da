import IMAP
import MIME
import MailClient
import Mapping
import Synchronization

/// The octets of one part on their way from the server to a reader, decoded.
struct PartTransfer: Sendable {
    let session: IMAPLease
    let uid: UInt32
    let node: PartNode
    let range: Range<Int>?
    let sink: @Sendable ([UInt8]) async throws -> Void

    private var partial: Range<UInt64>? { range.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) } }

    /// False where the message or the part does not exist.
    ///
    /// What the server was to decode and cannot is decoded here, as far as it goes, unless a range of it is wanted.
    func run(isBinary: Bool) async throws -> Bool {
        guard isBinary else { return try await decodeHere() }
        let delivered = Atomic(0)
        do {
            let received = try await session.stream(
                Section(part: node.path), of: uid, partial: partial, isBinary: true
            ) { octets in
                delivered.add(octets.count, ordering: .relaxed)
                try await sink(octets)
            }
            if received != nil { return true }
        } catch MailClientError.rejected where delivered.load(ordering: .relaxed) == 0 && range == nil {}
        return try await decodeHere()
    }

    private func decodeHere() async throws -> Bool {
        let decoder = SequentialDecoder(node.encoding)
        let received = try await session.stream(Section(part: node.path), of: uid, partial: partial) {
            let decoded = decoder.decode($0)
            if !decoded.isEmpty { try await sink(decoded) }
        }
        guard received != nil else { return false }
        let rest = decoder.finish()
        if !rest.isEmpty { try await sink(rest) }
        return true
    }
}
