internal import CLinux
internal import Glibc
internal import Synchronization

/// A TCP socket that accepts connections.
///
/// It may be used from any isolation, by one accepting task at a time.
package final class Listener: Sendable {
    /// Where it listens, with the real port when 0 was asked for.
    package let address: SocketAddress
    private let registration: Registration
    private let budget = Mutex(TurnBudget())

    private init(_ registration: Registration, _ address: SocketAddress) {
        self.registration = registration
        self.address = address
    }

    deinit { close() }

    /// Listens on a numeric address or a host name; port 0 takes a free one.
    ///
    /// `::` also takes IPv4 connections.
    ///
    /// A host name is looked up on the calling thread: this is for the start of the program.
    package static func bind(
        host: String, port: UInt16, backlog: Int = 1024, on loop: EventLoop
    ) throws(TransportError) -> Listener {
        let address: SocketAddress
        if let ip = IPAddress(host) {
            address = SocketAddress(ip, port: port)
        } else {
            guard let first = try Resolver.look(up: host, port).first else { throw .resolveFailed(.noAddress) }
            address = first
        }
        let descriptor = try Socket.open(address, .listen)
        Socket.set(descriptor.raw, SOL_SOCKET, SO_REUSEADDR, 1)
        let raw = descriptor.raw
        let isBound = unsafe address.withSockaddr { unsafe Glibc.bind(raw, $0, $1) == 0 }
        guard isBound, listen(raw, Int32(clamping: backlog)) == 0, let bound = Socket.localAddress(raw) else {
            throw .from(errno: errno, .listen)
        }
        return Listener(try Registration(descriptor, on: loop), bound)
    }

    /// The next connection.
    ///
    /// When the process is out of descriptors or memory, it waits and tries again: the connection stays in the backlog
    /// meanwhile. Throws `closed` after `close()`.
    package nonisolated(nonsending) func accept() async throws(TransportError) -> DetachedSocket {
        while true {
            let ticket = registration.ticket
            guard !registration.isClosed else { throw .closed }
            guard budget.withLock({ $0.take(at: registration.loop) }) else {
                await registration.loop.yield()
                continue
            }
            let accepted = registration.withDescriptor { listener in
                let (raw, peer) = unsafe SocketAddress.filled { unsafe mb_accept(listener, $0, $1) }
                return (raw: raw, peer: peer, code: errno)
            }
            guard let accepted else { throw .closed }
            if accepted.raw >= 0 {
                let descriptor = try Descriptor(accepted.raw, .accept)
                if let peer = accepted.peer { return DetachedSocket(descriptor, peer: peer) }
                continue
            }
            switch accepted.code {
            case EAGAIN, EWOULDBLOCK:
                try await registration.wait(.reader, for: .readable, since: ticket, until: .never, .accept)
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                try await registration.loop.sleep(for: Limits.acceptBackOff)
            case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT:
                throw .from(errno: accepted.code, .accept)
            default:
                // ECONNABORTED, EINTR, EPERM and errors of the network that belong to the one connection (accept(2)).
                continue
            }
        }
    }

    /// Stops listening and ends the wait of `accept`.
    ///
    /// Later calls do nothing.
    package func close() { registration.close() }
}
