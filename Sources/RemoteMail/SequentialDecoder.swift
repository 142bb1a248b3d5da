import MIME
import Synchronization

/// A transfer decoder that the chunks of a stream pass one after the other, wherever each is delivered.
final class SequentialDecoder: Sendable {
    private let decoder: Mutex<TransferDecoder>

    init(_ encoding: TransferEncoding) { decoder = Mutex(TransferDecoder(encoding)) }

    func decode(_ chunk: [UInt8]) -> [UInt8] { decoder.withLock { $0.decode(chunk) } }

    func finish() -> [UInt8] { decoder.withLock { $0.finish() } }
}
