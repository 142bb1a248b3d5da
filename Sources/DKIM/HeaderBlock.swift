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
        let name = octets[..<colon].reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
        guard name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return Field(name: "", octets: octets, valueStart: octets.count)
        }
        return Field(
            name: String(decoding: name, as: UTF8.self).lowercased(), octets: octets, valueStart: colon + 1)
    }

    /// Whether there is a line that is no field, but for the first one of an mbox.
    ///
    /// Readers may take what follows it for the body, and no signature says where a field stood.
    var hasStrangeLine: Bool {
        fields.enumerated().contains { index, field in
            guard field.name.isEmpty else { return false }
            let isEnvelope = field.octets.starts(with: "From ".utf8) || field.octets.starts(with: ">From ".utf8)
            return index > 0 || !isEnvelope
        }
    }

    /// The fields that `h=` names, in its order: of several of one name the lowest first, and nothing where there are no more
    /// (RFC 6376, 5.4.2).
    func signed(_ names: [String]) -> [Field] {
        var left: [String: [Field]] = [:]
        for field in fields { left[field.name, default: []].append(field) }
        var signed: [Field] = []
        for name in names {
            // Taken in place: a copy for each name would cost names times fields.
            guard let last = left[name]?.popLast() else { continue }
            signed.append(last)
        }
        return signed
    }

    /// Whether a field that a message has once, and that `names` covers, is there more often than covered.
    ///
    /// The signature then is of the lowest, and readers show the first.
    func hasSurplus(over names: [String]) -> Bool {
        var surplus: [String: Int] = [:]
        for name in names where Self.single.contains(name) { surplus[name, default: 0] -= 1 }
        for field in fields { surplus[field.name]? += 1 }
        return surplus.values.contains { $0 > 0 }
    }

    /// RFC 5322, 3.6; RFC 2045, 3; RFC 2369, 3.
    private static let single: Set<String> = [
        "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-description",
        "content-disposition", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post", "list-subscribe",
        "list-post", "list-owner", "list-archive",
    ]
}
