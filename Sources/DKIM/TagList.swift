import Wire

/// A list of `name=value` with semicolons between (RFC 6376, 3.2): signatures and key records are written so.
struct TagList {
    /// In the order written; values keep the white space within, not around.
    let tags: [(name: String, value: [UInt8])]

    /// Nil for what is no such list; a name that comes twice makes it none, and so do more tags than anybody needs.
    init?(_ octets: some Collection<UInt8>) {
        var tags: [(name: String, value: [UInt8])] = []
        let pieces = Array(octets).split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            let piece = Self.trimmed(piece)
            // The last tag may be followed by a semicolon.
            if piece.isEmpty, index == pieces.count - 1 { break }
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = Self.trimmed(piece[..<equals])
            guard let first = name.first, ByteSet.letters.contains(first),
                name.allSatisfy({ Self.nameOctets.contains($0) })
            else { return nil }
            let text = String(decoding: name, as: UTF8.self)
            guard tags.count < DKIMLimits.tags, !tags.contains(where: { $0.name == text }) else { return nil }
            tags.append((text, Array(Self.trimmed(piece[(equals + 1)...]))))
        }
        self.tags = tags
    }

    /// Without any white space, which may stand anywhere in what long values are made of.
    subscript(name: String) -> String? {
        octets(name).map { String(decoding: $0, as: UTF8.self) }
    }

    func octets(_ name: String) -> [UInt8]? {
        tags.first { $0.name == name }.map { $0.value.filter { !Self.white.contains($0) } }
    }

    /// The words between colons, lower case.
    func words(_ name: String) -> [String]? {
        self[name]?.lowercased().split(separator: ":").map(String.init)
    }

    static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var octets = octets
        while let first = octets.first, white.contains(first) { octets.removeFirst() }
        while let last = octets.last, white.contains(last) { octets.removeLast() }
        return octets
    }

    static let white = ByteSet(and: " \t\r\n")
    private static let nameOctets = ByteSet.letters.union(.digits).union(ByteSet(and: "_"))
}
