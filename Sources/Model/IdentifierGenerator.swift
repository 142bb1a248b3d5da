/// Makes new identifiers: a prefix that tells their kind and 100 random bits in lower-case base32.
package enum IdentifierGenerator {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// For example `sub_k7rq2mzt5ynx3hvd8wja`.
    package static func make(prefix: String, using generator: inout some RandomNumberGenerator) -> String {
        var text = Array(prefix.utf8)
        text.append(UInt8(ascii: "_"))
        var bits: UInt64 = 0
        for index in 0..<20 {
            // Twelve letters a draw: the system's generator is a system call.
            if index % 12 == 0 { bits = generator.next() }
            text.append(alphabet[Int(bits & 31)])
            bits >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func make(prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return make(prefix: prefix, using: &generator)
    }
}
