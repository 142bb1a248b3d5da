internal import COpenSSL

/// OpenSSL's context while it is set up, and then its owner.
@safe struct TLSContextHandle: ~Copyable {
    let pointer: OpaquePointer

    init(_ role: TLSContext.Role) throws(TransportError) {
        ERR_clear_error()
        let method = unsafe role == .client ? TLS_client_method() : TLS_server_method()
        guard let pointer = unsafe SSL_CTX_new(method) else { throw .tls(.configuration(.outOfMemory)) }
        unsafe self.pointer = unsafe pointer
        // Idle connections keep no record buffers; writes may be partial and are repeated from wherever the bytes are then.
        let mode =
            SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        _ = unsafe mb_ssl_ctx_set_mode(pointer, Int(mode))
        var options = MB_SSL_OP_NO_RENEGOTIATION | MB_SSL_OP_NO_COMPRESSION
        if role == .server { options |= MB_SSL_OP_CIPHER_SERVER_PREFERENCE }
        _ = unsafe SSL_CTX_set_options(pointer, options)
        // Servers resume by ticket, which costs no memory; clients remember sessions themselves.
        _ = unsafe mb_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        if role == .server { _ = unsafe SSL_CTX_set_session_id_context(pointer, "mailbridge", 10) }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    func set(minimumVersion: TLSVersion) {
        _ = unsafe mb_ssl_ctx_set_min_proto_version(pointer, minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION)
    }

    /// Verifies the peer against these authorities, or the system's.
    func trust(_ certificates: PEM?) throws(TransportError) {
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        guard let certificates else {
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw .tls(.configuration(.caCertificates))
            }
            return
        }
        let store = unsafe SSL_CTX_get_cert_store(pointer)
        let parsed = unsafe Self.certificates(certificates) { certificate, _ in
            unsafe X509_STORE_add_cert(store, certificate) == 1
        }
        guard parsed else { throw .tls(.configuration(.caCertificates)) }
        // A given certificate is trusted even if it is not a root: an intermediate, or the server's own.
        _ = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    /// Our certificate chain and its key.
    func present(_ chain: PEM, _ key: PEM) throws(TransportError) {
        let parsed = unsafe Self.certificates(chain) { certificate, index in
            index == 0
                ? unsafe SSL_CTX_use_certificate(pointer, certificate) == 1
                : unsafe mb_ssl_ctx_add1_chain_cert(pointer, certificate) == 1
        }
        guard parsed else { throw .tls(.configuration(.certificate)) }
        let privateKey = unsafe Self.withInput(key) { unsafe PEM_read_bio_PrivateKey($0, nil, Self.noPassphrase, nil) }
        guard let privateKey = unsafe privateKey else { throw .tls(.configuration(.privateKey)) }
        defer { unsafe EVP_PKEY_free(privateKey) }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, privateKey) == 1,
            unsafe SSL_CTX_check_private_key(pointer) == 1
        else {
            ERR_clear_error()
            throw .tls(.configuration(.keyDoesNotMatch))
        }
    }

    func offer(_ protocols: [UInt8]) {
        _ = unsafe SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count))
    }

    /// Chooses our most preferred protocol that the client offers; without one the handshake goes on unnamed.
    func selectProtocols() {
        unsafe SSL_CTX_set_alpn_select_cb(
            pointer,
            { connection, chosen, chosenCount, offered, offeredCount, _ in
                guard let session = unsafe TLSSession.of(connection) else { return SSL_TLSEXT_ERR_NOACK }
                let protocols = session.context.protocols
                return unsafe protocols.withUnsafeBufferPointer { ours in
                    var match: UnsafeMutablePointer<UInt8>?
                    let result = unsafe SSL_select_next_proto(
                        &match, chosenCount, ours.baseAddress, UInt32(ours.count), offered, offeredCount)
                    guard result == OPENSSL_NPN_NEGOTIATED, let match = unsafe match, let offered = unsafe offered
                    else {
                        return SSL_TLSEXT_ERR_NOACK
                    }
                    // The match may point into our array; what is handed out must outlive this call, as the offer does.
                    let name = unsafe UnsafeBufferPointer(start: match, count: Int(chosenCount?.pointee ?? 0))
                    let offer = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
                    guard let index = unsafe TLSContextHandle.position(of: name, in: offer) else {
                        return SSL_TLSEXT_ERR_NOACK
                    }
                    unsafe chosen?.pointee = offered + index
                    return SSL_TLSEXT_ERR_OK
                }
            }, nil)
    }

    private static func position(of name: UnsafeBufferPointer<UInt8>, in offer: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        while index < offer.count {
            let start = index + 1
            let end = unsafe min(start + Int(offer[index]), offer.count)
            if unsafe name.elementsEqual(offer[start..<end]) { return start }
            index = end
        }
        return nil
    }

    /// Gives new sessions, which in TLS 1.3 come after the handshake, to the connection's context.
    func rememberSessions() {
        let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
        _ = unsafe mb_ssl_ctx_set_session_cache_mode(pointer, Int(mode))
        unsafe SSL_CTX_sess_set_new_cb(pointer) { connection, session in
            unsafe TLSSession.of(connection)?.remember(session)
            return 0
        }
    }

    /// Reads all certificates of `pem`, at least one, while `use` takes them.
    private static func certificates(_ pem: PEM, _ use: (OpaquePointer, Int) -> Bool) -> Bool {
        let isGood = unsafe withInput(pem) { input in
            var count = 0
            while let certificate = unsafe PEM_read_bio_X509(input, nil, noPassphrase, nil) {
                defer { unsafe X509_free(certificate) }
                guard unsafe use(certificate, count) else { return false }
                count += 1
            }
            return count > 0
        }
        // Reading ends with an error: "no start line".
        ERR_clear_error()
        return isGood
    }

    /// OpenSSL would ask on the terminal for the passphrase of an encrypted key.
    private static let noPassphrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, _ in
            -1
        }

    private static func withInput<Result>(_ pem: PEM, _ body: (OpaquePointer) -> Result) -> Result {
        unsafe pem.bytes.withUnsafeBytes { bytes in
            guard let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
                preconditionFailure("no memory left")
            }
            defer { unsafe BIO_free(input) }
            return unsafe body(input)
        }
    }
}
