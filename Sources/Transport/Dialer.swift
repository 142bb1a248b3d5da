internal import Glibc

/// Makes connections: looks the host up, tries its addresses, speaks TLS, all within one deadline.
package struct Dialer: Sendable {
    /// Whether TLS comes first.
    package enum Security: Sendable {
        case none
        /// TLS from the first octet.
        ///
        /// `serverName` is what the certificate must be for; nil means the host that is dialled.
        case tls(TLSContext, serverName: String? = nil)
    }

    /// Addresses that may be dialled.
    ///
    /// What is checked is what is dialled, so a name server cannot change its mind between.
    package var allows: (@Sendable (SocketAddress) -> Bool)?
    /// Who is asked for the addresses of names; the system's resolver by default.
    package var nameServer: NameServer
    /// How long one address may keep the next from being tried (RFC 8305, 5).
    package var attemptDelay: Duration

    package init(
        attemptDelay: Duration? = nil, nameServer: NameServer = .system,
        allows: (@Sendable (SocketAddress) -> Bool)? = nil
    ) {
        self.nameServer = nameServer
        self.attemptDelay = attemptDelay ?? Limits.connectionAttemptDelay
        self.allows = allows
    }

    /// A connection to `host`, a name or a numeric address, on `loop`.
    package nonisolated(nonsending) func connect(
        host: String, port: UInt16, security: Security = .none, on loop: EventLoop, deadline: Deadline
    ) async throws(TransportError) -> ByteStream {
        let addresses = try await nameServer.addresses(of: host, port: port, on: loop, deadline: deadline)
        let stream = try await connect(to: addresses, on: loop, deadline: deadline)
        if case .tls(let context, let name) = security {
            try await stream.startTLS(context, serverName: name ?? host, deadline: deadline)
        }
        return stream
    }

    /// A connection to the first of these addresses that answers, which are tried in turns of the families.
    package nonisolated(nonsending) func connect(
        to addresses: [SocketAddress], on loop: EventLoop, deadline: Deadline
    ) async throws(TransportError) -> ByteStream {
        let allowed = addresses.filter { allows?($0) ?? true }
        guard !allowed.isEmpty else { throw .addressForbidden }
        let connection = try await race(Resolver.interleaved(allowed), on: loop, deadline)
        return ByteStream(connection.registration, peer: connection.peer)
    }
}
