import Wire

/// One message as LIST and UIDL show it.
package struct POP3Entry: Sendable, Equatable {
    /// Valid in this session only.
    package var number: Int
    /// Octets, as far as the server knows: some only estimate (Exchange).
    package var size: Int
    /// Nil where the server gives none, or one that it gave another message too.
    package var uniqueID: String?

    package init(number: Int, size: Int, uniqueID: String? = nil) {
        self.number = number
        self.size = size
        self.uniqueID = uniqueID
    }
}

/// The answers to LIST and UIDL, put together as their octets come.
package struct POP3Listing: Sendable {
    private var sizes: [Int: Int] = [:]
    private var ids: [Int: String] = [:]
    private var rest: [UInt8] = []

    package init() {}

    /// All messages, in the order of their numbers; ids that two of them share are nobody's.
    package var entries: [POP3Entry] {
        var bearers: [String: Int] = [:]
        for id in ids.values { bearers[id, default: 0] += 1 }
        return sizes.sorted { $0.key < $1.key }.map { number, size in
            let id = ids[number].flatMap { bearers[$0] == 1 ? $0 : nil }
            return POP3Entry(number: number, size: size, uniqueID: id)
        }
    }

    /// Takes some of the content of `command`, LIST or UIDL.
    package mutating func add(_ bytes: [UInt8], of command: POP3Command) throws(POP3Error) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let line = rest + bytes[start..<end]
            rest.removeAll(keepingCapacity: true)
            try read(line.span, of: command)
            start = end + 1
        }
        rest += bytes[start...]
        guard rest.count <= POP3Limits.maximumListingLineOctets else {
            throw .limitExceeded("maximumListingLineOctets")
        }
    }

    /// `number SP size` or `number SP unique-id`, whatever else a server adds behind it.
    private mutating func read(_ line: Span<UInt8>, of command: POP3Command) throws(POP3Error) {
        var cursor = ByteCursor(line)
        cursor.skip(while: Self.blanks)
        if cursor.isAtEnd { return }
        guard let number = cursor.takeNumber().flatMap({ Int(exactly: $0) }), number > 0 else {
            throw .malformedListing
        }
        cursor.skip(while: Self.blanks)
        if command == .list {
            guard let size = cursor.takeNumber() else { throw .malformedListing }
            guard sizes.count < POP3Limits.maximumMessages else { throw .limitExceeded("maximumMessages") }
            sizes[number] = Int(clamping: size)
        } else {
            guard ids.count < POP3Limits.maximumMessages else { throw .limitExceeded("maximumMessages") }
            let range = cursor.takeRange(while: .visible)
            ids[number] = !range.isEmpty && range.count <= POP3Limits.maximumUniqueIDOctets ? cursor.text(range) : nil
        }
    }

    private static let blanks = ByteSet(and: " \t\r")
}
