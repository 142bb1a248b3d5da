import Wire

/// A header, cut into fields whose octets are as they came: a signature is over octets, not over what they mean.
struct HeaderBlock {
    /// One field with its folds and without its last line end; lines end with CRLF, whatever they ended with.
    struct Field {
        /// Lower case; empty for a line that is no field.
        let name: String
        let octets: [UInt8]
        /// Where the value begins: behind the colon.
        let valueStart: Int
    }

    let fields: [Field]

    /// The octets before the empty line.
    init(_ octets: [UInt8]) {
        var fields: [Field] = []
        var current: [UInt8] = []
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.isEmpty { continue }
            if let first = line.first, first == 0x20 || first == 0x09, !current.isEmpty {
                current += [0x0D, 0x0A]
            } else {
                if !current.isEmpty { fields.append(Self.field(current)) }
                current = []
            }
            current += line
        }
        if !current.isEmpty { fields.append(Self.field(current)) }
        self.fields = fields
    }

    private static func field(_ octets: [UInt8]) -> Field {
        guard let colon = octets.firstIndex(of: UInt8(ascii: ":")) else {
            return Field(name: "", octets: octets, valueStart: octets.count)
        }
        let name = TagList.trimmed(octets[..<colon])
        return Field(
            name: String(decoding: name, as: UTF8.self).lowercased(), octets: octets, valueStart: colon + 1)
    }

    /// The fields that `h=` names, in its order: of several of one name the lowest first, and nothing where there are no more
    /// (RFC 6376, 5.4.2).
    func signed(_ names: [String]) -> [Field] {
        var left: [String: [Field]] = [:]
        for field in fields { left[field.name, default: []].append(field) }
        var signed: [Field] = []
        for name in names {
            guard var candidates = left[name], let last = candidates.popLast() else { continue }
            left[name] = candidates
            signed.append(last)
        }
        return signed
    }
}
