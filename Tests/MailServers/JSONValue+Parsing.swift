/// Reads JSON (RFC 8259).
///
/// Foundation's decoder finds out by throwing what a value is, and each of these errors costs a test a backtrace.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private func fault(_ what: String) -> ServerFailure { ServerFailure("\(what) at octet \(position)") }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || (9...10).contains(byte) || byte == 13 { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count, bytes[position..<position + length].elementsEqual(text.description.utf8)
        else { return false }
        position += length
        return true
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t") where take("true"): return .bool(true)
        case UInt8(ascii: "f") where take("false"): return .bool(false)
        case UInt8(ascii: "n") where take("null"): return .null
        default: return try number()
        }
    }

    private mutating func object() throws -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("no name of a member") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw fault("no colon") }
            guard members.updateValue(try value(), forKey: name) == nil else { throw fault("\(name) comes twice") }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw fault("no comma") }
        }
    }

    private mutating func array() throws -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw fault("no comma") }
        }
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte) { position += 1 }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw fault("no value")
        }
        return .number(number)
    }

    private mutating func string() throws -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else { throw fault("no UTF-8") }
                return text
            case UInt8(ascii: "\\"): try units += escape()
            case 0..<32: throw fault("a control character")
            default: units.append(byte)
            }
        }
        throw fault("no end of a string")
    }

    private mutating func escape() throws -> [UInt8] {
        guard let byte = next else { throw fault("no end of an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            var units = [try hexadecimal()]
            if (0xD800...0xDBFF).contains(units[0]) {
                guard take("\\u") else { throw fault("half of a surrogate pair") }
                units.append(try hexadecimal())
            }
            guard let text = String(validating: units, as: UTF16.self) else { throw fault("half of a surrogate pair") }
            return Array(text.utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws -> UInt16 {
        let digits = bytes[position..<min(position + 4, bytes.count)]
        position += digits.count
        guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw fault("no hexadecimal digits")
        }
        return unit
    }
}
