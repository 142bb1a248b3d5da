package import Crypto
package import Wire

/// The key that opens all the others: 32 octets that live outside the database.
package struct MasterKey: Sendable {
    let key: SymmetricKey

    package init(octets: [UInt8]) throws(StoreError) {
        guard octets.count == 32 else { throw .masterKey(.malformed(source: "the secret key")) }
        key = SymmetricKey(data: octets)
    }

    /// Reads base64, with white space round it forgiven, because editors end files with a newline.
    package init(base64 secret: Secret, source: String) throws(StoreError) {
        let text = secret.utf8.filter { $0 > 0x20 }
        guard let octets = Base64.decode(text.span), octets.count == 32 else {
            throw .masterKey(.malformed(source: source))
        }
        key = SymmetricKey(data: octets)
    }

    /// Names the key without telling anything about it; stored, so that a wrong key is told from a damaged store.
    var name: String {
        let digest = HMAC<SHA256>.authenticationCode(for: Array("mailbridge key name".utf8), using: key)
        return Base64.encodeURLSafe(Array(digest.prefix(9)))
    }

    /// A key of 32 octets for this purpose alone, the same for the same key (HKDF, RFC 5869).
    package func derived(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("mailbridge \(purpose)".utf8), outputByteCount: 32)
    }
}

extension MasterKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
