internal import Glibc
internal import Synchronization

/// A connected socket on its way to the loop that will own it.
///
/// Dropped on the way, it is closed.
package final class DetachedSocket: Sendable {
    package let peer: SocketAddress
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: consuming Descriptor, peer: SocketAddress) {
        self.peer = peer
        self.descriptor = Mutex(descriptor.release())
    }

    deinit { close() }

    /// The stream, on its loop.
    ///
    /// To be called once, in the isolation that will use it; throws `closed` afterwards.
    package func stream(on loop: EventLoop) throws(TransportError) -> sending ByteStream {
        guard let raw = take() else { throw .closed }
        return ByteStream(try Registration(Descriptor(raw, .accept), on: loop), peer: peer)
    }

    package func close() {
        if let raw = take() { Glibc.close(raw) }
    }

    private func take() -> Int32? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }
}
