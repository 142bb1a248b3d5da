package import HTTP
package import Transport

/// Why a request has no answer.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// The deadline came first; the phase says before what.
    case timedOut(TransportError.Phase)
    /// Every address of the host is one that must not be called.
    case addressForbidden
    /// There is no such host, or it has no address.
    case resolveFailed(TransportError.Resolution)
    case connectionRefused
    case unreachable
    case tls(TLSError)
    /// The connection ended before there was an answer.
    case disconnected
    /// What came is no HTTP answer.
    case malformed(HTTPRefusal)
    /// So many connections are open that another one is refused.
    case tooManyConnections
    case cancelled
    /// The client was closed.
    case closed
    /// The machine, not the peer, is the reason.
    case system(TransportError)

    init(_ error: TransportError) {
        self =
            switch error {
            case .cancelled: .cancelled
            case .deadlineExceeded(let phase): .timedOut(phase)
            case .resolveFailed(let resolution): .resolveFailed(resolution)
            case .addressForbidden: .addressForbidden
            case .connectionRefused: .connectionRefused
            case .hostUnreachable: .unreachable
            case .disconnected: .disconnected
            case .closed: .closed
            case .tls(let error): .tls(error)
            case .limitExceeded, .addressInUse, .system: .system(error)
            }
    }
}

extension HTTPClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timedOut(let phase): TransportError.deadlineExceeded(phase).description
        case .addressForbidden: TransportError.addressForbidden.description
        case .resolveFailed(let resolution): TransportError.resolveFailed(resolution).description
        case .connectionRefused: TransportError.connectionRefused.description
        case .unreachable: TransportError.hostUnreachable.description
        case .tls(let error): error.description
        case .disconnected: "the connection ended before an answer came"
        case .malformed(let refusal): "the answer is not HTTP: \(refusal.detail)"
        case .tooManyConnections: "too many connections are open"
        case .cancelled: "cancelled"
        case .closed: "the client is closed"
        case .system(let error): error.description
        }
    }
}
