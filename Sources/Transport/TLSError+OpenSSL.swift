internal import COpenSSL

extension TLSError {
    /// Reads OpenSSL's error, and the verdict on the peer's certificate where that was the reason.
    init(_ error: UInt, verification: Int) {
        let reason = ERR_GET_REASON(error)
        guard ERR_GET_LIB(error) == ERR_LIB_SSL else {
            self = .failed(Self.text(of: error))
            return
        }
        switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            self = .certificate(Certificate(verification: verification))
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_RECORD_LENGTH_MISMATCH:
            self = .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_VERSION_TOO_LOW,
            SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            self = .unsupportedVersion
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_CIPHERS_AVAILABLE:
            self = .noSharedCipher
        case 1001...1255:
            self = .alert(UInt8(reason - 1000))
        default:
            self = .failed(Self.text(of: error))
        }
    }

    private static func text(of error: UInt) -> String {
        guard let text = unsafe ERR_reason_error_string(error) else { return "error \(error)" }
        return unsafe String(cString: text)
    }
}

extension TLSError.Certificate {
    init(verification code: Int) {
        switch Int32(truncatingIfNeeded: code) {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
            X509_V_ERR_CERT_UNTRUSTED:
            self = .unknownIssuer
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .hostMismatch
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: self = .tooWeak
        case X509_V_ERR_INVALID_PURPOSE: self = .wrongPurpose
        default: self = .other(code: code)
        }
    }
}
