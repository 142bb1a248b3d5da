import Wire

/// How octets are made alike before they are hashed, since mail servers rewrite them a little (RFC 6376, 3.4).
package enum Canonicalization: String, Sendable, Hashable {
    case simple
    case relaxed

    /// A field as it is hashed, without the line end behind it.
    func header(_ field: HeaderBlock.Field) -> [UInt8] {
        switch self {
        case .simple: return field.octets
        case .relaxed:
            var result = Array(field.name.utf8) + [UInt8(ascii: ":")]
            var isPending = false
            let start = result.count
            for octet in field.octets[field.valueStart...] {
                if TagList.white.contains(octet) {
                    isPending = true
                    continue
                }
                if isPending, result.count > start { result.append(0x20) }
                isPending = false
                result.append(octet)
            }
            return result
        }
    }
}
