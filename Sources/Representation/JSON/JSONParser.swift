package import Wire

/// Reads one JSON text (RFC 8259), strictly: no duplicate members, no lone surrogates, nothing after the value.
///
/// Ours and not Foundation's, because a request must not cost more than its size: depth and the number of values are
/// bounded here, and a duplicate member (of which every other parser takes another one) is refused.
package struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var values = 0

    package static func parse(_ bytes: [UInt8]) throws(SyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == bytes.count else { throw parser.expected("nothing after the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func expected(_ what: String) -> SyntaxError { SyntaxError(offset: index, expected: what) }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func take(word: StaticString, _ value: JSONValue) throws(SyntaxError) -> JSONValue {
        let octets = Array(word.description.utf8)
        guard bytes[index...].starts(with: octets) else { throw expected("a value") }
        index += octets.count
        return value
    }

    /// Reads `value = false / null / true / object / array / number / string`.
    private mutating func value(depth: Int) throws(SyntaxError) -> JSONValue {
        skipSpace()
        values += 1
        guard values <= Limits.jsonValues else { throw expected("at most \(Limits.jsonValues) values") }
        guard depth < Limits.jsonDepth else { throw expected("at most \(Limits.jsonDepth) levels") }
        guard index < bytes.count else { throw expected("a value") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try take(word: "true", .bool(true))
        case UInt8(ascii: "f"): return try take(word: "false", .bool(false))
        case UInt8(ascii: "n"): return try take(word: "null", .null)
        default: return .number(try number())
        }
    }

    /// Reads `object = begin-object [ member *( value-separator member ) ] end-object`.
    private mutating func object(depth: Int) throws(SyntaxError) -> JSONValue {
        index += 1
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw expected("a member name") }
            let start = index
            let name = try string()
            guard names.insert(name).inserted else {
                throw SyntaxError(offset: start, expected: "each member once")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw expected("a colon") }
            members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or }") }
        }
    }

    /// Reads `array = begin-array [ value *( value-separator value ) ] end-array`.
    private mutating func array(depth: Int) throws(SyntaxError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or ]") }
        }
    }

    /// Reads `number = [ minus ] int [ frac ] [ exp ]`.
    private mutating func number() throws(SyntaxError) -> String {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard digits() > 0 else {
                index = start
                throw expected("a value")
            }
        }
        if take(UInt8(ascii: ".")) { guard digits() > 0 else { throw expected("a digit") } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw expected("a digit") }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        return index - start
    }

    /// Reads `string = quotation-mark *char quotation-mark`.
    private mutating func string() throws(SyntaxError) -> String {
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != 0x22, bytes[index] != 0x5C, bytes[index] >= 0x20 { index += 1 }
        guard index < bytes.count else { throw expected("a closing quote") }
        var content: [UInt8] = []
        if bytes[index] == 0x22 {
            defer { index += 1 }
            guard let text = String(validating: bytes[start..<index], as: UTF8.self) else { throw expected("UTF-8") }
            return text
        }
        content = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            guard byte >= 0x20 else { throw expected("control characters to be escaped") }
            index += 1
            if byte == 0x22 {
                guard let text = String(validating: content, as: UTF8.self) else { throw expected("UTF-8") }
                return text
            }
            if byte == 0x5C { try escape(into: &content) } else { content.append(byte) }
        }
        throw expected("a closing quote")
    }

    private mutating func escape(into content: inout [UInt8]) throws(SyntaxError) {
        guard index < bytes.count else { throw expected("an escape") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: Character(try scalar()).utf8)
        default:
            index -= 1
            throw expected("an escape")
        }
    }

    /// The scalar of one `\u` escape, or of two that are a surrogate pair.
    private mutating func scalar() throws(SyntaxError) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(0x5C), take(UInt8(ascii: "u")) else { throw expected("a surrogate pair") }
        let second = try unit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw expected("a surrogate pair") }
        return scalar
    }

    private mutating func unit() throws(SyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue,
                bytes[index] < 0x80
            else { throw expected("four hexadecimal digits") }
            value = value << 4 | UInt16(digit)
            index += 1
        }
        return value
    }
}
