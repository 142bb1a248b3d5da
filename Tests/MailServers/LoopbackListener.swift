import Foundation
import Glibc

/// A listening socket on a free port of 127.0.0.1, or one that only keeps the port from others: whoever connects is refused.
package final class LoopbackListener: Sendable {
    package let port: UInt16
    private let descriptor: Int32

    package init(listens: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        // With it others may bind a port on which nobody listens.
        if listens { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) }
        let descriptor = descriptor
        guard LoopbackPort.withAddress(0, { bind(descriptor, $0, $1) }) == 0, !listens || listen(descriptor, 512) == 0
        else { throw systemError("listen") }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// The next connection, or nil after `stop`.
    package func accept(timeout seconds: Int = 120) -> SocketStream? {
        var readable = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&readable, 1, -1) < 0, errno == EINTR {}
        let accepted = ChildProcess.descriptorLock.withLock {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 { _ = fcntl(accepted, F_SETFD, FD_CLOEXEC) }
            return accepted
        }
        return accepted >= 0 ? SocketStream(accepted: accepted, timeout: seconds) : nil
    }

    /// Refuses from now on, and wakes a thread that accepts.
    package func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
