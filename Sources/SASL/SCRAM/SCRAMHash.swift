internal import Crypto
internal import CryptoExtras

/// The digest that a SCRAM is made with.
package enum SCRAMHash: String, Sendable {
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"

    func digest(_ octets: [UInt8]) -> [UInt8] {
        switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: octets))
        case .sha256: Array(SHA256.hash(data: octets))
        }
    }

    func authenticationCode(_ octets: [UInt8], key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: octets, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: octets, using: key))
        }
    }

    /// Hi() of RFC 5802, which is PBKDF2 with one block; nil where the library refuses.
    func salted(_ password: [UInt8], salt: [UInt8], rounds: Int) -> [UInt8]? {
        let (function, count): (KDF.Insecure.PBKDF2.HashFunction, Int) =
            switch self {
            case .sha1: (.insecureSHA1, 20)
            case .sha256: (.sha256, 32)
            }
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: password, salt: salt, using: function, outputByteCount: count, unsafeUncheckedRounds: rounds)
        return key.map { unsafe $0.withUnsafeBytes { unsafe Array($0) } }
    }
}
