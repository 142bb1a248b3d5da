package import Crypto
import Database
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

    /// The key of the settings: given itself, else in a file, else in the data folder, where it is made on first start.
    ///
    /// `storeExists` keeps a lost key from being replaced by a new one that opens nothing.
    package static func load(
        setting: Secret?, file: String?, dataDirectory: String, storeExists: Bool
    ) throws -> MasterKey {
        if let setting { return try MasterKey(base64: setting, source: "MAILBRIDGE_SECRET_KEY") }
        if let file {
            guard let octets = try PrivateFile.read(file) else { throw StoreError.masterKey(.unreadable(path: file)) }
            return try MasterKey(octetsOf: octets, path: file)
        }
        let path = dataDirectory + "/secret.key"
        if let octets = try PrivateFile.read(path) { return try MasterKey(octetsOf: octets, path: path) }
        guard !storeExists else { throw StoreError.masterKey(.missing(path: path)) }
        let octets = RandomOctets.make(32)
        if try PrivateFile.create(path, content: Array((Base64.encode(octets) + "\n").utf8)) {
            return try MasterKey(octets: octets)
        }
        // Another process made it in this moment.
        return try MasterKey(octetsOf: PrivateFile.read(path) ?? [], path: path)
    }

    private init(octetsOf content: [UInt8], path: String) throws(StoreError) {
        try self.init(base64: Secret(String(decoding: content, as: UTF8.self)), source: path)
    }
}

extension MasterKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
