/// Reads the pieces that structured field values are made of (RFC 9110 section 5.6).
struct FieldScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position >= bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = peek, Octet.isBlank(byte) { position += 1 }
    }

    mutating func takeToken() -> String? { takeText(while: Octet.isToken) }

    mutating func takeText(while isMember: (UInt8) -> Bool) -> String? {
        let start = position
        while let byte = peek, isMember(byte) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// The content of a quoted-string, without quotes and backslashes.
    mutating func takeQuoted() -> String? {
        let start = position
        guard take(0x22) else { return nil }
        var content: [UInt8] = []
        while var byte = peek {
            position += 1
            if byte == 0x22 { return String(decoding: content, as: UTF8.self) }
            if byte == 0x5C {
                guard let escaped = peek else { break }
                byte = escaped
                position += 1
            }
            content.append(byte)
        }
        position = start
        return nil
    }

    mutating func takeTokenOrQuoted() -> String? { peek == 0x22 ? takeQuoted() : takeToken() }

    /// A number without sign that fits an `Int`.
    mutating func takeNumber() -> Int? {
        guard let digits = takeText(while: Octet.isDigit) else { return nil }
        return Int(digits)
    }

    /// Reads `*( OWS ";" OWS [ name "=" value ] )`; names come out in lower case.
    ///
    /// Nil where a parameter is broken.
    mutating func takeParameters() -> [FieldParameter]? {
        var parameters: [FieldParameter] = []
        while parameters.count < Bound.listElements {
            let start = position
            skipBlanks()
            guard take(0x3B) else {
                position = start
                return parameters
            }
            skipBlanks()
            guard let name = takeToken() else { continue }
            guard take(0x3D) else {
                parameters.append(FieldParameter(name: name.lowercased(), value: ""))
                continue
            }
            guard let value = takeTokenOrQuoted() else { return nil }
            parameters.append(FieldParameter(name: name.lowercased(), value: value))
        }
        return nil
    }

    /// Moves behind the next comma, over whatever is left of a list element; false at the end.
    mutating func skipToNextElement() -> Bool {
        while let byte = peek, byte != 0x2C {
            if takeQuoted() == nil { position += 1 }
        }
        return nextElement()
    }

    /// Moves behind the comma that ends a list element; false at the end, or where something else stands there.
    mutating func nextElement() -> Bool {
        skipBlanks()
        guard take(0x2C) else { return false }
        while true {
            skipBlanks()
            if !take(0x2C) { return !isAtEnd }
        }
    }
}

struct FieldParameter: Sendable, Hashable {
    /// In lower case.
    let name: String
    let value: String
}

/// `text` as a quoted-string.
func quoted(_ text: String) -> String {
    "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
}
