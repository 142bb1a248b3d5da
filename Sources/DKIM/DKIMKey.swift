import Crypto
import CryptoExtras
package import Wire

/// A private key that signs for a domain.
package struct DKIMKey: Sendable {
    private enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    package let domain: String
    package let selector: String
    private let key: Key

    /// Makes a new one: RSA of 2048 bits, which fits a DNS answer, or Ed25519.
    package init(makingFor domain: String, selector: String, _ algorithm: DKIMAlgorithm) throws {
        self.domain = domain
        self.selector = selector
        switch algorithm {
        case .rsaSHA256: key = .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .ed25519SHA256: key = .ed25519(Curve25519.Signing.PrivateKey())
        }
    }

    /// Reads PEM, RSA of 1024 to 4096 bits or Ed25519 (PKCS #8, or PKCS #1 for RSA), or the 32 octets of Ed25519 in base64;
    /// nil for anything else.
    package init?(_ text: Secret, domain: String, selector: String) {
        self.domain = domain
        self.selector = selector
        let pem = text.revealed
        guard pem.contains("-----BEGIN") else {
            guard let octets = Base64.decode(pem), octets.count == 32,
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: octets)
            else { return nil }
            self.key = .ed25519(key)
            return
        }
        if let key = Self.ed25519(pem) {
            self.key = .ed25519(key)
        } else if let key = try? _RSA.Signing.PrivateKey(unsafePEMRepresentation: pem), key.keySizeInBits <= 4096 {
            self.key = .rsa(key)
        } else {
            return nil
        }
    }

    /// RFC 8410, 7: a PKCS #8 wrapping of always the same octets before the 32 that matter.
    private static func ed25519(_ pem: String) -> Curve25519.Signing.PrivateKey? {
        let lines = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        let frame: [UInt8] = [
            0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
        ]
        guard let octets = Base64.decode(lines.joined()), octets.starts(with: frame), octets.count == frame.count + 32
        else { return nil }
        return try? Curve25519.Signing.PrivateKey(rawRepresentation: octets[frame.count...])
    }

    package var algorithm: DKIMAlgorithm {
        switch key {
        case .rsa: .rsaSHA256
        case .ed25519: .ed25519SHA256
        }
    }

    /// To be kept secret and read again by `init`.
    package var text: Secret {
        switch key {
        case .rsa(let key): Secret(key.pemRepresentation)
        case .ed25519(let key): Secret(Base64.encode(Array(key.rawRepresentation)))
        }
    }

    /// What `p=` of the key record says.
    package var publicKey: String {
        switch key {
        case .rsa(let key): Base64.encode(Array(key.publicKey.derRepresentation))
        case .ed25519(let key): Base64.encode(Array(key.publicKey.rawRepresentation))
        }
    }

    func sign(_ digest: SHA256Digest) throws -> [UInt8] {
        switch key {
        case .rsa(let key): Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        case .ed25519(let key): Array(try key.signature(for: Array(digest)))
        }
    }
}
