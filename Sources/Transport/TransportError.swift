internal import Glibc

/// Why a connection could not be made or went away.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The part of an operation that a deadline ended or a system call failed in.
    package enum Phase: String, Sendable, Hashable {
        case resolve = "looking up the address"
        case connect = "connecting"
        case handshake = "the TLS handshake"
        case read = "reading"
        case write = "writing"
        case listen = "listening"
        case accept = "accepting"
        case sleep = "waiting"
    }

    /// What a resolver can say (RFC 2308 calls the first two NXDOMAIN and NODATA).
    package enum Resolution: Sendable, Hashable {
        case noSuchHost
        case noAddress
        /// The name server did not answer; another try may succeed.
        case temporary
        case failed(code: Int32)
    }

    /// A bound of `Limits` that was met.
    package enum Limit: Sendable, Hashable {
        case blockingCalls, descriptors, memory
    }

    /// The task was cancelled while it waited.
    case cancelled
    case deadlineExceeded(Phase)
    case resolveFailed(Resolution)
    /// The host has addresses, and the caller's filter refused each of them.
    case addressForbidden
    case connectionRefused
    case hostUnreachable
    /// The peer broke the connection (reset, broken pipe, keep-alive without answer).
    case disconnected(Phase, errno: Int32)
    /// We closed the stream, or its event loop was stopped.
    case closed
    case tls(TLSError)
    case limitExceeded(Limit)
    case addressInUse
    case system(Phase, errno: Int32)

    /// The case that fits a failed system call.
    static func from(errno code: Int32, _ phase: Phase) -> TransportError {
        switch code {
        case ECONNREFUSED: .connectionRefused
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN: .hostUnreachable
        case ETIMEDOUT where phase == .connect: .hostUnreachable
        case ECONNRESET, EPIPE, ENOTCONN, ECONNABORTED, ETIMEDOUT: .disconnected(phase, errno: code)
        case EMFILE, ENFILE: .limitExceeded(.descriptors)
        case ENOBUFS, ENOMEM: .limitExceeded(.memory)
        case EADDRINUSE: .addressInUse
        default: .system(phase, errno: code)
        }
    }

    package var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .deadlineExceeded(let phase): "time ran out while \(phase == .handshake ? "in " : "")\(phase.rawValue)"
        case .resolveFailed(.noSuchHost): "there is no host of that name"
        case .resolveFailed(.noAddress): "the host name has no address"
        case .resolveFailed(.temporary): "the name server did not answer"
        case .resolveFailed(.failed(let code)): "looking up the address failed (\(code))"
        case .addressForbidden: "the host's addresses are not allowed"
        case .connectionRefused: "connection refused"
        case .hostUnreachable: "the host cannot be reached"
        case .disconnected(let phase, let code):
            "the peer broke the connection while \(phase.rawValue) (\(text(of: code)))"
        case .closed: "the connection is closed"
        case .tls(let error): error.description
        case .limitExceeded(.blockingCalls): "too many blocking calls wait for a thread"
        case .limitExceeded(.descriptors): "the process has no file descriptor left"
        case .limitExceeded(.memory): "the system has no memory left for sockets"
        case .addressInUse: "the address is in use"
        case .system(let phase, let code): "\(phase.rawValue) failed (\(text(of: code)))"
        }
    }
}

/// The system's text for an error number.
private func text(of code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress else { return "error \(code)" }
        unsafe base.pointee = 0
        guard unsafe strerror_r(code, base, 256) == 0 else { return "error \(code)" }
        return unsafe String(cString: base)
    }
}
