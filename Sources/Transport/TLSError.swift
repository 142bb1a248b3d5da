/// Why TLS could not be spoken, or is not trusted.
package enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer's certificate was refused.
    case certificate(Certificate)
    /// The peer answered something that is not TLS: most often a plain-text port, or a proxy.
    case notTLS
    /// No protocol version in common; old servers offer TLS 1.0 only.
    case unsupportedVersion
    case noSharedCipher
    /// The peer sent a fatal alert (RFC 8446, 6.2).
    case alert(UInt8)
    /// The connection ended in the middle of the handshake.
    case handshakeCutOff
    /// The certificate, key or CA file given to us cannot be used.
    case configuration(Configuration)
    /// What OpenSSL says in all other cases.
    case failed(String)

    /// Why a certificate is not trusted, named as X.509 verifiers do.
    package enum Certificate: Sendable, Hashable {
        case expired
        case notYetValid
        case selfSigned
        case unknownIssuer
        case hostMismatch
        case revoked
        /// A key, digest or parameter that is too weak for the security level.
        case tooWeak
        case wrongPurpose
        /// An `X509_V_ERR_…` number with no name here.
        case other(code: Int)
    }

    /// What is wrong with our own side.
    package enum Configuration: Sendable, Hashable {
        case unreadableFile(String)
        case certificate
        case privateKey
        case keyDoesNotMatch
        case caCertificates
        case serverName
        case protocols
        case outOfMemory
    }

    package var description: String {
        switch self {
        case .certificate(let reason): "the certificate \(reason.text)"
        case .notTLS: "the peer does not speak TLS on this port"
        case .unsupportedVersion: "the peer speaks no TLS version that is allowed"
        case .noSharedCipher: "the peer shares no cipher with us"
        case .alert(let code): "the peer ended TLS with alert \(code)"
        case .handshakeCutOff: "the peer closed the connection during the TLS handshake"
        case .configuration(let reason): reason.text
        case .failed(let text): "TLS failed: \(text)"
        }
    }
}

extension TLSError.Certificate {
    fileprivate var text: String {
        switch self {
        case .expired: "has expired"
        case .notYetValid: "is not valid yet"
        case .selfSigned: "is self-signed"
        case .unknownIssuer: "was issued by an unknown authority"
        case .hostMismatch: "is for another host"
        case .revoked: "was revoked"
        case .tooWeak: "uses a key or digest that is too weak"
        case .wrongPurpose: "may not be used for this purpose"
        case .other(let code): "was refused (X.509 error \(code))"
        }
    }
}

extension TLSError.Configuration {
    fileprivate var text: String {
        switch self {
        case .unreadableFile(let path): "the file \(path) cannot be read"
        case .certificate: "the certificate chain is not usable PEM"
        case .privateKey: "the private key is not usable PEM"
        case .keyDoesNotMatch: "the private key does not belong to the certificate"
        case .caCertificates: "the CA certificates are not usable PEM"
        case .serverName: "the server name cannot be used for TLS"
        case .protocols: "the application protocols cannot be used for TLS"
        case .outOfMemory: "no memory left for TLS"
        }
    }
}
