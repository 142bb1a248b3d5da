import Wire

/// Filters a `style` attribute: declarations of allow-listed properties whose values are made of harmless tokens.
///
/// What is written is made anew from the accepted tokens, so it means the same to every CSS parser: no escape, comment,
/// bracket or at-sign is ever written, functions are colours only, and there is neither `url()` nor `position`.
struct StyleFilter {
    private let input: [UInt8]
    private var index = 0
    /// Declarations that would have loaded something.
    private(set) var remoteLoads = 0

    /// The declarations that may stay, in canonical form; empty where none may.
    static func filter(_ style: String, blocked: inout Int) -> [UInt8] {
        var filter = StyleFilter(input: Array(style.utf8))
        let result = filter.declarations()
        blocked += filter.remoteLoads
        return result
    }

    private init(input: [UInt8]) { self.input = input }

    private mutating func declarations() -> [UInt8] {
        var result: [UInt8] = []
        while true {
            skipBlanks(or: ";")
            guard index < input.count else { return result }
            let start = index
            guard let property = name(), skipColon(), let allowed = StyleProperty.all[property],
                let value = value(for: allowed)
            else {
                index = start
                skipDeclaration()
                continue
            }
            if !result.isEmpty { result.append(UInt8(ascii: ";")) }
            result += Array(property.utf8) + [UInt8(ascii: ":")] + value
        }
    }

    private mutating func skipColon() -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: ":") else { return false }
        index += 1
        return true
    }

    /// Up to a semicolon outside of strings and brackets; sees what the declaration would have loaded.
    private mutating func skipDeclaration() {
        let start = index
        var quote: UInt8?
        var depth = 0
        while let byte = peek {
            index += 1
            if byte == UInt8(ascii: "\\") {
                index = min(index + 1, input.count)
            } else if let open = quote {
                if byte == open || byte == 0x0A { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if "([{".utf8.contains(byte) {
                depth += 1
            } else if ")]}".utf8.contains(byte) {
                depth = max(0, depth - 1)
            } else if byte == UInt8(ascii: ";"), depth == 0 {
                break
            }
        }
        let skipped = String(decoding: input[start..<index], as: UTF8.self).lowercased()
        if skipped.contains("url(") || skipped.contains("image-set(") { remoteLoads += 1 }
    }

    /// Nil where any token is not allowed.
    private mutating func value(for property: StyleProperty) -> [UInt8]? {
        var result: [UInt8] = []
        var wantsSpace = false
        for _ in 0..<Limits.styleTokens {
            let before = index
            skipBlanks()
            guard let byte = peek, byte != UInt8(ascii: ";") else { return result.isEmpty ? nil : result }
            var token: [UInt8]
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "/"):
                index += 1
                guard !result.isEmpty else { return nil }
                result.append(byte)
                wantsSpace = false
                continue
            case UInt8(ascii: "!"):
                index += 1
                skipBlanks()
                guard name() == "important", !result.isEmpty else { return nil }
                skipBlanks()
                guard peek == nil || peek == UInt8(ascii: ";") else { return nil }
                return result + Array(" !important".utf8)
            case UInt8(ascii: "#"):
                guard let color = color() else { return nil }
                token = color
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard property.allowsStrings, let string = string(byte) else { return nil }
                token = string
            default:
                if let number = number() {
                    if number.first == UInt8(ascii: "-"), !property.allowsNegative { return nil }
                    token = number
                } else {
                    guard let word = word() else { return nil }
                    token = word
                }
            }
            // `1px2px` is one token for no one; `a/*x*/b` is two for all.
            if wantsSpace, before == index - token.count, !result.isEmpty { return nil }
            if wantsSpace { result.append(UInt8(ascii: " ")) }
            result += token
            wantsSpace = true
        }
        return nil
    }

    private mutating func color() -> [UInt8]? {
        let start = index
        index += 1
        while let byte = peek, ByteSet.hexDigits.contains(byte) { index += 1 }
        return [4, 5, 7, 9].contains(index - start) && !isNameByte(peek) ? Array(input[start..<index]) : nil
    }

    private mutating func string(_ quote: UInt8) -> [UInt8]? {
        let start = index + 1
        index = start
        while let byte = peek, byte != quote {
            guard isNameByte(byte) || byte == 0x20 || byte == UInt8(ascii: ".") else { return nil }
            index += 1
        }
        guard peek == quote else { return nil }
        index += 1
        return [UInt8(ascii: "'")] + input[start..<index - 1] + [UInt8(ascii: "'")]
    }

    /// A number with its unit, or nothing and no step.
    private mutating func number() -> [UInt8]? {
        var end = index
        if let sign = at(end), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { end += 1 }
        let digits = end
        while let byte = at(end), ByteSet.digits.contains(byte) { end += 1 }
        var count = end - digits
        if at(end) == UInt8(ascii: "."), let next = at(end + 1), ByteSet.digits.contains(next) {
            end += 1
            while let byte = at(end), ByteSet.digits.contains(byte) { end += 1 }
            count += 1
        }
        guard count > 0, count <= 12 else { return nil }
        if at(end) == UInt8(ascii: "%") {
            end += 1
        } else {
            while let byte = at(end), ByteSet.letters.contains(byte) { end += 1 }
        }
        guard !isNameByte(at(end)) else { return nil }
        defer { index = end }
        return Array(input[index..<end])
    }

    /// A keyword, or a colour function.
    private mutating func word() -> [UInt8]? {
        let start = index
        while isNameByte(peek) { index += 1 }
        guard index > start, !ByteSet.digits.contains(input[start]) else { return nil }
        let word = Array(input[start..<index])
        guard peek == UInt8(ascii: "(") else { return word }
        let function = String(decoding: word, as: UTF8.self).lowercased()
        guard ["rgb", "rgba", "hsl", "hsla"].contains(function) else { return nil }
        let open = index
        index += 1
        while let byte = peek, byte != UInt8(ascii: ")") {
            guard ByteSet.digits.contains(byte) || ".,% /".utf8.contains(byte) else { return nil }
            index += 1
        }
        guard peek == UInt8(ascii: ")") else { return nil }
        index += 1
        return Array(function.utf8) + input[open..<index]
    }

    private mutating func name() -> String? {
        let start = index
        while let byte = peek, ByteSet.letters.contains(byte) || byte == UInt8(ascii: "-") { index += 1 }
        return index > start ? String(decoding: input[start..<index], as: UTF8.self).lowercased() : nil
    }

    private mutating func skipBlanks(or other: Unicode.Scalar? = nil) {
        while let byte = peek {
            if [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) || other.map({ UInt8(ascii: $0) == byte }) == true {
                index += 1
            } else if byte == UInt8(ascii: "/"), at(index + 1) == UInt8(ascii: "*") {
                index += 2
                while index < input.count, !(peek == UInt8(ascii: "*") && at(index + 1) == UInt8(ascii: "/")) {
                    index += 1
                }
                index = min(index + 2, input.count)
            } else {
                return
            }
        }
    }

    private var peek: UInt8? { at(index) }
    private func at(_ index: Int) -> UInt8? { index < input.count ? input[index] : nil }

    private func isNameByte(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return ByteSet.letters.contains(byte) || ByteSet.digits.contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
