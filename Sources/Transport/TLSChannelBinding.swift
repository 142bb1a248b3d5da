internal import COpenSSL

/// Ways to tie an authentication to a TLS channel.
package enum TLSChannelBinding: Sendable, Hashable {
    /// `tls-exporter` (RFC 9266), for TLS 1.3.
    case exporter
    /// `tls-server-end-point` (RFC 5929, 4).
    case serverEndPoint
    /// `tls-unique` (RFC 5929, 3), for TLS 1.2.
    case unique

    func data(of connection: OpaquePointer, isClient: Bool) -> [UInt8]? {
        ERR_clear_error()
        switch self {
        case .exporter: return unsafe Self.exported(connection)
        case .serverEndPoint: return unsafe Self.certificateDigest(connection, isClient: isClient)
        case .unique: return unsafe Self.finished(connection, isClient: isClient)
        }
    }

    private static func exported(_ connection: OpaquePointer) -> [UInt8]? {
        let label = "EXPORTER-Channel-Binding"
        var bytes = [UInt8](repeating: 0, count: 32)
        let result = unsafe SSL_export_keying_material(connection, &bytes, 32, label, label.utf8.count, nil, 0, 1)
        return result == 1 ? bytes : nil
    }

    /// The digest that the certificate's signature uses, and SHA-256 in place of MD5 and SHA-1.
    private static func certificateDigest(_ connection: OpaquePointer, isClient: Bool) -> [UInt8]? {
        let certificate = unsafe isClient ? SSL_get0_peer_certificate(connection) : SSL_get_certificate(connection)
        guard let certificate = unsafe certificate else { return nil }
        var digest: Int32 = 0
        guard unsafe X509_get_signature_info(certificate, &digest, nil, nil, nil) == 1 else { return nil }
        if digest == NID_md5 || digest == NID_sha1 { digest = NID_sha256 }
        guard let algorithm = unsafe EVP_get_digestbyname(OBJ_nid2sn(digest)) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard unsafe X509_digest(certificate, algorithm, &bytes, &count) == 1 else { return nil }
        return Array(bytes.prefix(Int(count)))
    }

    /// The first Finished message: the client's, or the server's when the session was resumed.
    private static func finished(_ connection: OpaquePointer, isClient: Bool) -> [UInt8]? {
        guard unsafe SSL_version(connection) == TLS1_2_VERSION else { return nil }
        let isOurs = unsafe isClient != (SSL_session_reused(connection) == 1)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count =
            unsafe isOurs
            ? SSL_get_finished(connection, &bytes, bytes.count) : SSL_get_peer_finished(connection, &bytes, bytes.count)
        return count > 0 && count <= bytes.count ? Array(bytes.prefix(count)) : nil
    }
}
