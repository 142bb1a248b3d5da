internal import Wire

extension ByteStream {
    /// The negotiated session; nil on a plain stream.
    package var tls: TLSSessionInfo? { session?.info }

    /// Whether what is written stays in this machine.
    package var isLoopback: Bool { peer.ip.isLoopback }

    /// Speaks TLS from here on, as the client.
    ///
    /// A failed handshake closes the stream.
    ///
    /// What is in `input` is discarded: bytes that came before the handshake may be an attacker's (RFC 3207, 6; RFC 9051,
    /// 6.2.1). A caller with a buffer of its own must do the same.
    ///
    /// `serverName` is what the certificate must be for, a host name or an IP address; nil means the peer's address.
    package nonisolated(nonsending) func startTLS(
        _ context: TLSContext, serverName: String?, deadline: Deadline = .never
    ) async throws(TransportError) {
        let name = serverName ?? peer.ip.description
        try await handshake(deadline) { () throws(TransportError) in
            try TLSSession(
                client: context, descriptor: registration.descriptor, serverName: name, port: peer.port)
        }
    }

    /// Speaks TLS from here on, as the server.
    ///
    /// A failed handshake closes the stream.
    package nonisolated(nonsending) func acceptTLS(
        _ context: TLSContext, deadline: Deadline = .never
    ) async throws(TransportError) {
        try await handshake(deadline) { () throws(TransportError) in
            try TLSSession(server: context, descriptor: registration.descriptor)
        }
    }

    /// Data that binds an authentication to this TLS channel (RFC 5929, 9266); nil on a plain stream or where the kind
    /// does not exist.
    package func channelBinding(_ kind: TLSChannelBinding) -> [UInt8]? { session?.channelBinding(kind) }

    private nonisolated(nonsending) func handshake(
        _ deadline: Deadline, _ make: () throws(TransportError) -> TLSSession
    ) async throws(TransportError) {
        guard !registration.isDescriptorClosed else { throw .closed }
        precondition(session == nil, "TLS inside of TLS")
        input.consume(input.count)
        do throws(TransportError) {
            let session = try make()
            self.session = session
            drained = nil
            while true {
                // Closed between the wake-up and now: the descriptor's number may be another connection's.
                guard !registration.isDescriptorClosed else { throw .closed }
                let ticket = registration.ticket
                switch session.handshake() {
                case .done: return
                case .endOfStream: throw .tls(.handshakeCutOff)
                case .failed(let error): throw error
                case .wantRead:
                    try await registration.wait(.reader, for: .readable, since: ticket, until: deadline, .handshake)
                case .wantWrite:
                    try await registration.wait(.reader, for: .writable, since: ticket, until: deadline, .handshake)
                }
            }
        } catch {
            close()
            throw error
        }
    }
}
