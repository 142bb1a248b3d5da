import Crypto
import CryptoExtras
import Wire

/// A domain's key as it is published in DNS (RFC 6376, 3.6.1).
struct KeyRecord {
    private enum Key {
        case rsa(_RSA.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    private let key: Key
    /// The domain is only trying.
    let isTesting: Bool
    /// Whether it must not be used for names below its domain.
    let isForDomainOnly: Bool

    init(_ text: [UInt8], for algorithm: DKIMAlgorithm) throws(DKIMSignature.Fault) {
        func refuse(_ reason: String, _ result: DKIMResult = .permerror) -> DKIMSignature.Fault {
            DKIMSignature.Fault(result: result, reason: reason)
        }
        guard text.count <= DKIMLimits.record, let tags = TagList(text) else {
            throw refuse("the key is no key record")
        }
        if let index = tags.tags.firstIndex(where: { $0.name == "v" }) {
            guard index == 0, tags["v"] == "DKIM1" else { throw refuse("the key is no DKIM1 record") }
        }
        guard let published = tags["p"] else { throw refuse("the key record holds no key") }
        guard !published.isEmpty else { throw refuse("the key was revoked") }
        guard (tags["k"]?.lowercased() ?? "rsa") == algorithm.keyType else {
            throw refuse("the key is of another kind")
        }
        if let hashes = tags.words("h"), !hashes.contains("sha256") { throw refuse("the key is not for SHA-256") }
        if let services = tags.words("s"), !services.contains("*"), !services.contains("email") {
            throw refuse("the key is not for mail")
        }
        let flags = tags.words("t") ?? []
        isTesting = flags.contains("y")
        isForDomainOnly = flags.contains("s")
        guard let octets = Base64.decode(published) else { throw refuse("the key is no base64") }
        switch algorithm {
        case .ed25519SHA256:
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: octets) else {
                throw refuse("the key cannot be read")
            }
            self.key = .ed25519(key)
        case .rsaSHA256:
            do {
                key = .rsa(try _RSA.Signing.PublicKey(unsafeDERRepresentation: octets))
            } catch CryptoKitError.incorrectParameterSize {
                throw refuse("the key has fewer than \(DKIMLimits.leastBits) bits", .policy)
            } catch {
                throw refuse("the key cannot be read")
            }
        }
    }

    /// `digest` is the hash of the signed header; Ed25519 signs that hash as its message (RFC 8463, 3).
    func accepts(_ signature: [UInt8], of digest: SHA256Digest) -> Bool {
        switch key {
        case .rsa(let key):
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: .insecurePKCS1v1_5)
        case .ed25519(let key): key.isValidSignature(signature, for: Array(digest))
        }
    }
}
