/// The field lines of a message, in order.
///
/// All octets lie in one array and the fields are offsets into it: parsing a head allocates twice, however many fields
/// it has, and a `String` is made only of what somebody asks for. Fields built here lie as finished lines
/// (`Name: value CRLF`), so that a response's fields are encoded by one copy.
package struct HTTPFields: Sendable {
    struct Entry: Sendable {
        var nameStart: UInt32
        var valueStart: UInt32
        var valueCount: UInt32
        var nameCount: UInt16
        var fingerprint: UInt16

        var name: Range<Int> { Int(nameStart)..<(Int(nameStart) + Int(nameCount)) }
        var value: Range<Int> { Int(valueStart)..<(Int(valueStart) + Int(valueCount)) }
    }

    private(set) var bytes: [UInt8]
    private(set) var entries: [Entry]
    /// Whether `bytes` is nothing but finished lines.
    private(set) var isSerialized: Bool

    package init() {
        bytes = []
        entries = []
        isSerialized = true
    }

    /// Fields that the parser found in `bytes`.
    init(bytes: [UInt8], entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
        isSerialized = false
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    package mutating func reserve(fields: Int, octets: Int) {
        entries.reserveCapacity(fields)
        bytes.reserveCapacity(octets)
    }

    /// The value of `name`; several lines of one name are joined by `, ` as RFC 9110 section 5.3 allows.
    ///
    /// Setting replaces all of them, nil removes.
    package subscript(name: HTTPFieldName) -> String? {
        get {
            guard let first = firstIndex(of: name, from: 0) else { return nil }
            guard var next = firstIndex(of: name, from: first + 1) else { return text(entries[first].value) }
            var joined = text(entries[first].value)
            while true {
                joined += ", " + text(entries[next].value)
                guard let another = firstIndex(of: name, from: next + 1) else { return joined }
                next = another
            }
        }
        set {
            remove(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// Each line's value of `name`.
    package func values(of name: HTTPFieldName) -> [String] {
        entries.indices.filter { matches($0, name) }.map { text(entries[$0].value) }
    }

    package func contains(_ name: HTTPFieldName) -> Bool { firstIndex(of: name, from: 0) != nil }

    /// The octets of the first `name`, without making a `String`.
    package func withValue<Result>(of name: HTTPFieldName, _ body: (Span<UInt8>) -> Result) -> Result? {
        guard let index = firstIndex(of: name, from: 0) else { return nil }
        return body(bytes.span.extracting(entries[index].value))
    }

    /// Adds a line.
    ///
    /// A control character in `value` (CR and LF above all) becomes a space, so that no value can ever start another
    /// line: header injection is impossible here, not merely checked somewhere.
    package mutating func append(_ name: HTTPFieldName, _ value: String) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name.text.utf8)
        bytes.append(Octet.colon)
        bytes.append(Octet.space)
        let valueStart = bytes.count
        bytes.append(contentsOf: value.utf8)
        let valueEnd = bytes.count
        var index = valueStart
        while index < valueEnd {
            if !Octet.isFieldValue(bytes[index]) { bytes[index] = Octet.space }
            index += 1
        }
        bytes.append(Octet.cr)
        bytes.append(Octet.lf)
        entries.append(
            Entry(
                nameStart: UInt32(nameStart), valueStart: UInt32(valueStart),
                valueCount: UInt32(valueEnd - valueStart), nameCount: UInt16(name.lowercase.count),
                fingerprint: name.fingerprint))
    }

    package mutating func remove(_ name: HTTPFieldName) {
        guard contains(name) else { return }
        var kept = HTTPFields()
        for index in entries.indices where !matches(index, name) { kept.copyLine(index, of: self) }
        self = kept
    }

    /// Adds `others` after what is here.
    package mutating func append(contentsOf others: HTTPFields) {
        for index in others.entries.indices { copyLine(index, of: others) }
    }

    private mutating func copyLine(_ index: Int, of other: HTTPFields) {
        var entry = other.entries[index]
        let start = bytes.count
        bytes.append(contentsOf: other.bytes[entry.name])
        bytes.append(Octet.colon)
        bytes.append(Octet.space)
        let valueStart = bytes.count
        bytes.append(contentsOf: other.bytes[entry.value])
        bytes.append(Octet.cr)
        bytes.append(Octet.lf)
        entry.nameStart = UInt32(start)
        entry.valueStart = UInt32(valueStart)
        entries.append(entry)
    }

    func firstIndex(of name: HTTPFieldName, from start: Int) -> Int? {
        var index = start
        while index < entries.count {
            if matches(index, name) { return index }
            index += 1
        }
        return nil
    }

    func matches(_ index: Int, _ name: HTTPFieldName) -> Bool {
        let entry = entries[index]
        guard entry.fingerprint == name.fingerprint, Int(entry.nameCount) == name.lowercase.count else { return false }
        let start = Int(entry.nameStart)
        for offset in name.lowercase.indices where Octet.lowered(bytes[start + offset]) != name.lowercase[offset] {
            return false
        }
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension HTTPFields: Sequence {
    /// Goes through the fields in their order.
    package struct Iterator: IteratorProtocol {
        let fields: HTTPFields
        var index = 0

        package mutating func next() -> (name: String, value: String)? {
            guard index < fields.entries.count else { return nil }
            defer { index += 1 }
            let entry = fields.entries[index]
            return (fields.text(entry.name), fields.text(entry.value))
        }
    }

    package func makeIterator() -> Iterator { Iterator(fields: self) }
}

extension HTTPFields: Equatable {
    package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.name.lowercased() == $1.name.lowercased() && $0.value == $1.value }
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (HTTPFieldName, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

extension HTTPFields: CustomStringConvertible {
    /// Names only: a value may be a secret.
    package var description: String { "[" + map(\.name).joined(separator: ", ") + "]" }
}
