/// Where and why bytes did not follow a grammar.
package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Octets from the start of the parsed span.
    package let offset: Int
    /// What the grammar wanted there; a fixed text, never bytes from the wire.
    package let expected: String

    package init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }

    package var description: String { "expected \(expected) at octet \(offset)" }
}

/// A reading position in borrowed bytes: the whole vocabulary of our recursive-descent parsers.
///
/// It comes in two families, as in go-imap: `take…` says whether the thing was there, `expect…` throws when it was not.
/// A caller crosses the module boundary once a token, not once an octet: that is what makes the parsers fast.
package struct ByteCursor: ~Escapable {
    package let bytes: Span<UInt8>
    /// Octets read so far; always within `0...bytes.count`.
    package var position: Int

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, position: Int = 0) {
        self.bytes = bytes
        self.position = min(max(position, 0), bytes.count)
    }

    package var isAtEnd: Bool { position >= bytes.count }
    package var remaining: Int { bytes.count - position }

    /// The next octet, not consumed.
    package var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    package func peek(at distance: Int) -> UInt8? {
        let index = position + distance
        return index >= 0 && index < bytes.count ? bytes[index] : nil
    }

    package func error(_ expected: String) -> SyntaxError { SyntaxError(offset: position, expected: expected) }

    package mutating func takeByte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    package mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Consumes `text` when it comes next, compared without regard to ASCII case.
    package mutating func take(caseInsensitive text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard remaining >= count else { return false }
        let start = position
        let bytes = bytes
        let matches = text.withUTF8Buffer { buffer in
            for index in 0..<count where unsafe lowered(buffer[index]) != lowered(bytes[start + index]) { return false }
            return true
        }
        if matches { position += count }
        return matches
    }

    /// Consumes the longest run of octets in `set` and says where it was; empty when there was none.
    package mutating func takeRange(while set: ByteSet) -> Range<Int> {
        let start = position
        var index = start
        let end = bytes.count
        while index < end, set.bit(bytes[index]) { index += 1 }
        position = index
        return start..<index
    }

    /// Consumes up to, and not including, the first octet of `set`; to the end where there is none.
    package mutating func takeRange(until set: ByteSet) -> Range<Int> {
        let start = position
        var index = start
        let end = bytes.count
        while index < end, !set.bit(bytes[index]) { index += 1 }
        position = index
        return start..<index
    }

    package mutating func skip(while set: ByteSet) {
        _ = takeRange(while: set)
    }

    /// Consumes exactly `count` octets; nil (and nothing consumed) when there are fewer.
    package mutating func takeRange(count: Int) -> Range<Int>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { position += count }
        return position..<(position + count)
    }

    /// A run of digits as a number; nil when none comes or the value passes `UInt64`.
    package mutating func takeNumber() -> UInt64? {
        var index = position
        var value: UInt64 = 0
        while index < bytes.count {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { break }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
            index += 1
        }
        guard index > position else { return nil }
        position = index
        return value
    }

    package mutating func expect(_ byte: UInt8, _ name: String) throws(SyntaxError) {
        guard take(byte) else { throw error(name) }
    }

    package mutating func expect(caseInsensitive text: StaticString) throws(SyntaxError) {
        guard take(caseInsensitive: text) else { throw error("\(text)") }
    }

    package mutating func expectNumber(_ name: String = "a number") throws(SyntaxError) -> UInt64 {
        guard let number = takeNumber() else { throw error(name) }
        return number
    }

    package mutating func expectRange(while set: ByteSet, _ name: String) throws(SyntaxError) -> Range<Int> {
        let range = takeRange(while: set)
        guard !range.isEmpty else { throw error(name) }
        return range
    }

    /// A copy of the octets of `range`.
    package func array(_ range: Range<Int>) -> [UInt8] {
        let bytes = bytes
        return unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The octets of `range` as text: UTF-8 where they are, else nil.
    package func utf8(_ range: Range<Int>) -> String? {
        guard let span = try? UTF8Span(validating: bytes.extracting(range)) else { return nil }
        return String(copying: span)
    }

    /// The octets of `range` as text; what is not UTF-8 becomes U+FFFD.
    package func text(_ range: Range<Int>) -> String {
        utf8(range) ?? String(decoding: array(range), as: UTF8.self)
    }

    /// Whether the octets of `range` are `text`, without regard to ASCII case.
    package func equals(_ range: Range<Int>, caseInsensitive text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let bytes = bytes
        return text.withUTF8Buffer { buffer in
            for index in 0..<range.count
            where unsafe lowered(buffer[index]) != lowered(bytes[range.lowerBound + index]) { return false }
            return true
        }
    }
}

/// ASCII lower case; every other octet as it is.
package func lowered(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}
