internal import COpenSSL
internal import Synchronization

/// One side's TLS settings, in the form that connections share: certificates, trust, remembered sessions.
package final class TLSContext: Sendable {
    enum Role: Sendable { case client, server }

    let role: Role
    let verifies: Bool
    let resumesSessions: Bool
    /// In the order of preference, as the wire has it: each with its length before it (RFC 7301, 3.1).
    let protocols: [UInt8]
    /// Used under the lock only, to make a connection's state, although OpenSSL would let threads share it.
    private let handle: Mutex<TLSContextHandle>
    /// Serialised sessions by `host:port`.
    private let sessions = Mutex(RecentlyUsed<String, [UInt8]>(capacity: Limits.rememberedSessions))

    private static let shared = Mutex(
        RecentlyUsed<TLSClientConfiguration, TLSContext>(capacity: Limits.sharedContexts))

    /// The context of that configuration, made once: it holds a parsed trust store.
    package static func client(
        _ configuration: TLSClientConfiguration = TLSClientConfiguration()
    ) throws(TransportError) -> TLSContext {
        if let context = shared.withLock({ $0[configuration] }) { return context }
        let context = try TLSContext(client: configuration)
        shared.withLock { $0[configuration] = context }
        return context
    }

    /// A new server context; sessions of one cannot be resumed on another.
    package static func server(_ configuration: TLSServerConfiguration) throws(TransportError) -> TLSContext {
        try TLSContext(server: configuration)
    }

    private init(client configuration: TLSClientConfiguration) throws(TransportError) {
        role = .client
        verifies = configuration.verify
        resumesSessions = configuration.resumesSessions
        protocols = try Self.wireForm(configuration.applicationProtocols)
        let handle = try TLSContextHandle(role)
        handle.set(minimumVersion: configuration.minimumVersion)
        if configuration.verify { try handle.trust(configuration.caCertificates) }
        if let chain = configuration.certificateChain, let key = configuration.privateKey {
            try handle.present(chain, key)
        }
        if !protocols.isEmpty { handle.offer(protocols) }
        if resumesSessions { handle.rememberSessions() }
        self.handle = Mutex(handle)
    }

    private init(server configuration: TLSServerConfiguration) throws(TransportError) {
        role = .server
        verifies = false
        resumesSessions = false
        protocols = try Self.wireForm(configuration.applicationProtocols)
        let handle = try TLSContextHandle(role)
        handle.set(minimumVersion: configuration.minimumVersion)
        try handle.present(configuration.certificateChain, configuration.privateKey)
        if !protocols.isEmpty { handle.selectProtocols() }
        self.handle = Mutex(handle)
    }

    private static func wireForm(_ protocols: [String]) throws(TransportError) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in protocols {
            guard (1...255).contains(name.utf8.count) else { throw .tls(.configuration(.protocols)) }
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
        }
        return bytes
    }

    /// The state of a new connection; the caller frees it.
    func makeConnection() throws(TransportError) -> OpaquePointer {
        guard let connection = unsafe handle.withLock({ unsafe SSL_new($0.pointer) }) else {
            throw .tls(.configuration(.outOfMemory))
        }
        return unsafe connection
    }

    func remember(_ session: [UInt8], for key: String) {
        guard session.count <= Limits.sessionSize else { return }
        sessions.withLock { $0[key] = session }
    }

    func forgetSession(for key: String) { sessions.withLock { $0[key] = nil } }

    func rememberedSession(for key: String) -> [UInt8]? { sessions.withLock { $0[key] } }
}
