import Wire

/// Makes new identifiers: a prefix that tells their kind and 100 random bits in lower-case base32.
package enum IdentifierGenerator {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// For example `sub_k7rq2mzt5ynx3hvd8wja`.
    package static func make(prefix: String, using generator: inout some RandomNumberGenerator) -> String {
        "\(prefix)_" + String(decoding: randomDigits(20, of: alphabet, using: &generator), as: UTF8.self)
    }

    package static func make(prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return make(prefix: prefix, using: &generator)
    }
}
