internal import COpenSSL
internal import Glibc

/// TLS on one descriptor.
///
/// Each call does what it can without blocking and says what it needs to go on.
@safe final class TLSSession {
    /// What one call came to.
    enum Step {
        case done(Int)
        case wantRead
        case wantWrite
        case endOfStream(isTruncated: Bool)
        case failed(TransportError)
    }

    let context: TLSContext
    private let connection: OpaquePointer
    /// Under what the client remembers the session.
    private let key: String?
    private var isEstablished = false
    /// OpenSSL forbids any further call after a fatal error.
    private var isBroken = false

    /// A client for a certificate of `serverName`, a host name or an IP address.
    init(
        client context: TLSContext, descriptor: Int32, serverName: String, port: UInt16
    ) throws(TransportError) {
        precondition(context.role == .client, "a server's TLS context cannot connect")
        self.context = context
        key = context.resumesSessions ? "\(serverName):\(port)" : nil
        unsafe connection = try context.makeConnection()
        unsafe SSL_set_connect_state(connection)
        attach(descriptor)
        try expect(serverName)
        resume()
    }

    init(server context: TLSContext, descriptor: Int32) throws(TransportError) {
        precondition(context.role == .server, "a client's TLS context cannot accept")
        self.context = context
        key = nil
        unsafe connection = try context.makeConnection()
        unsafe SSL_set_accept_state(connection)
        attach(descriptor)
    }

    deinit { unsafe SSL_free(connection) }

    private func attach(_ descriptor: Int32) {
        _ = unsafe SSL_set_fd(connection, descriptor)
        _ = unsafe SSL_set_ex_data(connection, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    /// The session that a callback's connection belongs to; it lives at least as long.
    static func of(_ connection: OpaquePointer?) -> TLSSession? {
        guard let pointer = unsafe SSL_get_ex_data(connection, 0) else { return nil }
        return unsafe Unmanaged<TLSSession>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Asks for that server by SNI, for names only (RFC 6066, 3), and wants its certificate to be for it (RFC 9525).
    private func expect(_ serverName: String) throws(TransportError) {
        let problem = TransportError.tls(.configuration(.serverName))
        var name = serverName
        if name.hasSuffix(".") { name.removeLast() }
        if let address = IPAddress(name) {
            guard context.verifies else { return }
            let parameters = unsafe SSL_get0_param(connection)
            guard unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, address.description) == 1 else { throw problem }
            return
        }
        guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            unsafe mb_ssl_set_tlsext_host_name(connection, name) == 1
        else { throw problem }
        guard context.verifies else { return }
        unsafe SSL_set_hostflags(connection, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe SSL_set1_host(connection, name) == 1 else { throw problem }
    }

    private func resume() {
        guard let key, let bytes = context.rememberedSession(for: key) else { return }
        let session = unsafe bytes.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return unsafe d2i_SSL_SESSION(nil, &position, buffer.count)
        }
        guard let session = unsafe session else { return ERR_clear_error() }
        _ = unsafe SSL_set_session(connection, session)
        unsafe SSL_SESSION_free(session)
    }

    /// Called by OpenSSL with a session that could be resumed.
    func remember(_ session: OpaquePointer?) {
        guard let key, let session = unsafe session else { return }
        let count = unsafe Int(i2d_SSL_SESSION(session, nil))
        guard count > 0, count <= Limits.sessionSize else { return }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            var position = buffer.baseAddress
            written = unsafe Int(i2d_SSL_SESSION(session, &position))
        }
        context.remember(bytes, for: key)
    }

    func handshake() -> Step {
        let step = perform(.handshake) { unsafe SSL_do_handshake(connection) }
        switch step {
        case .done: isEstablished = true
        case .failed, .endOfStream:
            // A session that does not work is not offered again.
            if let key { context.forgetSession(for: key) }
        case .wantRead, .wantWrite: break
        }
        return step
    }

    func read(into room: UnsafeMutableRawBufferPointer) -> Step {
        perform(.read) { unsafe SSL_read(connection, room.baseAddress, Int32(clamping: room.count)) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Step {
        perform(.write) { unsafe SSL_write(connection, bytes.baseAddress, Int32(clamping: bytes.count)) }
    }

    /// Sends close_notify, once.
    func shutdown() -> Step {
        guard isEstablished, !isBroken, unsafe SSL_get_shutdown(connection) & SSL_SENT_SHUTDOWN == 0 else {
            return .done(0)
        }
        // 0 says that the peer's close_notify did not come yet, which is not waited for.
        return perform(.write) {
            let result = unsafe SSL_shutdown(connection)
            return result == 0 ? 1 : result
        }
    }

    /// Sends close_notify if that needs no waiting.
    func sayGoodbye() { _ = shutdown() }

    private func perform(_ phase: TransportError.Phase, _ call: () -> Int32) -> Step {
        guard !isBroken else { return .failed(.closed) }
        ERR_clear_error()
        errno = 0
        let result = call()
        if result > 0 { return .done(Int(result)) }
        let code = errno
        switch unsafe SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        case SSL_ERROR_ZERO_RETURN: return .endOfStream(isTruncated: false)
        case SSL_ERROR_SYSCALL:
            isBroken = true
            return code == 0 ? .endOfStream(isTruncated: true) : .failed(.from(errno: code, phase))
        default:
            isBroken = true
            let error = ERR_peek_last_error()
            if ERR_GET_LIB(error) == ERR_LIB_SSL, ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
                return .endOfStream(isTruncated: true)
            }
            return .failed(.tls(TLSError(ERR_peek_error(), verification: unsafe SSL_get_verify_result(connection))))
        }
    }

    var info: TLSSessionInfo? {
        guard isEstablished else { return nil }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(connection, &name, &count)
        let chosen = unsafe name.map {
            unsafe String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
        }
        return unsafe TLSSessionInfo(
            version: String(cString: SSL_get_version(connection)),
            cipher: String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(connection))),
            applicationProtocol: chosen,
            isResumed: SSL_session_reused(connection) == 1,
            isVerified: context.verifies)
    }

    func channelBinding(_ kind: TLSChannelBinding) -> [UInt8]? {
        guard isEstablished else { return nil }
        return unsafe kind.data(of: connection, isClient: context.role == .client)
    }
}
