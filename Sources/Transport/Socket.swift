internal import Glibc

/// The system calls on TCP sockets, with the options we always want.
enum Socket {
    static func open(_ address: SocketAddress, _ phase: TransportError.Phase) throws(TransportError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = try Descriptor(socket(address.family, type, 0), phase)
        tune(descriptor.raw)
        return descriptor
    }

    /// No delay for small replies, and probes that notice a peer which vanished.
    ///
    /// Accepted sockets inherit it from the listener, so it costs them no call.
    private static func tune(_ descriptor: Int32) {
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, Limits.keepAlive.idle)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, Limits.keepAlive.interval)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, Limits.keepAlive.count)
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The error that waits on the socket, and takes it off.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        unsafe SocketAddress.filled { unsafe getsockname(descriptor, $0, $1) }.address
    }

    static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        unsafe SocketAddress.filled { unsafe getpeername(descriptor, $0, $1) }.address
    }

    /// The result of a call that does not block.
    enum Attempt {
        case done(Int)
        case wouldBlock
        case failed(Int32)
    }

    /// Repeats `call` while a signal interrupts it.
    static func attempt(_ call: () -> Int) -> Attempt {
        while true {
            let count = call()
            if count >= 0 { return .done(count) }
            let code = errno
            if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
            if code != EINTR { return .failed(code) }
        }
    }
}
